"""Signals, which are not in the log: typing, presence, and read markers for a user's other devices.

A request does not wait until its signal is published. Signals are lost while Redis is away, and if too many are queued."""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import gevent
from gevent.event import Event as GeventEvent
from redis import RedisError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from chat.domain import signal
from chat.domain.shapes.events import Read
from chat.domain.shapes.refs import RoomRef, UserRef
from chat.domain.signal import Signal
from chat.services import memberships, users
from chat.services.leases import Leases
from chat.services.pubsub import PubSub

logger = logging.getLogger(__name__)

TOPIC = "whispers"  # as earlier versions name it: during a deploy workers of both versions run
WAITING = 1000  # signals that are not published yet
AT_ONCE = 200  # signals in one message to the workers
TYPING_SECONDS = 2.0  # one typing signal of a user in a room is published in this time


@dataclass(frozen=True, slots=True)
class PresenceChange:
    """A user became present in a room, or absent."""

    room_id: int
    user_id: int
    present: bool


class Signals:
    """`delivered` returns the newest event that this worker has sent to all of its subscribers."""

    def __init__(self, pubsub: PubSub, leases: Leases, reads: Engine, delivered: Callable[[], int]) -> None:
        self._pubsub = pubsub
        self._leases = leases
        self._reads = reads
        self._delivered = delivered
        self._queue: deque[tuple[Signal, str]] = deque(maxlen=WAITING)
        self._changes: deque[PresenceChange] = deque(maxlen=WAITING)
        self._wake = GeventEvent()
        self._greenlet: gevent.Greenlet[[], None] | None = None

    def start(self) -> None:
        """Once a process; a second call does nothing."""
        if self._greenlet is None:
            self._greenlet = gevent.spawn(self._run)

    def typing(self, room: RoomRef, user: UserRef, as_of: int) -> None:
        """The user was found to have the right to post in the room after the event as_of."""
        pair = [user.id for user in memberships.pair(self._reads, room.id)] if room.kind == "direct" else []
        self._enqueue(signal.typing(room, user, pair, as_of), f"typing:{room.id}:{user.id}")

    def read(self, read: Read, user_id: int, as_of: int) -> None:
        self._enqueue(signal.read(read, user_id, as_of))

    def presence_changed(self, changes: Sequence[PresenceChange]) -> None:
        self._changes.extend(changes)
        self._wake.set()

    def _enqueue(self, queued: Signal, turn: str = "") -> None:
        """turn: a name under which only one signal is published per TYPING_SECONDS; empty for no limit."""
        self._queue.append((queued, turn))
        self._wake.set()

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            try:
                self._publish()
            except (RedisError, SQLAlchemyError) as error:
                logger.debug("signals are lost: %s", error)
            except Exception:  # whatever it is, the worker must go on publishing signals
                logger.exception("signals are lost")

    def _publish(self) -> None:
        queue, changes = list(self._queue), list(self._changes)
        self._queue.clear()
        self._changes.clear()
        signals = [*self._in_turn(queue), *self._presence_signals(changes)]
        for begin in range(0, len(signals), AT_ONCE):
            self._pubsub.publish(TOPIC, signal.encode_signals(signals[begin : begin + AT_ONCE]))

    def _in_turn(self, queue: Sequence[tuple[Signal, str]]) -> list[Signal]:
        turns = list({turn for _, turn in queue if turn})
        won = dict(zip(turns, self._leases.claim_all(turns, TYPING_SECONDS), strict=True))
        return [queued for queued, turn in queue if not turn or won.pop(turn, False)]

    def _presence_signals(self, changes: Sequence[PresenceChange]) -> list[Signal]:
        names = users.names_of(self._reads, {change.user_id for change in changes}) if changes else {}
        as_of = self._delivered()
        return [
            signal.presence(change.room_id, UserRef(change.user_id, names[change.user_id]), change.present, as_of)
            for change in changes
            if change.user_id in names
        ]
