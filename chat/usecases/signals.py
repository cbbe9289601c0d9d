"""Signs of life beside the log: who is typing, who came and went, what one has read on another device.

Whoever gives one does not wait for it to be passed on; it is lost while Redis is away, and where there are too many at once."""

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
from chat.domain.shapes import Read, RoomRef, UserRef
from chat.domain.signal import Signal
from chat.services import memberships, users
from chat.services.leases import Leases
from chat.services.pubsub import PubSub

logger = logging.getLogger(__name__)

TOPIC = "whispers"  # as earlier versions name it: during a deploy workers of both versions run
WAITING = 1000  # signs not passed on yet
AT_ONCE = 200  # whispers in one message to the workers
TYPING_SECONDS = 2.0  # of one user in one room only so much is passed on


@dataclass(frozen=True, slots=True)
class PresenceChange:
    """Somebody came to a room, or went."""

    room_id: int
    user_id: int
    present: bool


@dataclass(frozen=True, slots=True)
class QueuedSignal:
    """What is to be said. turn: by which name, where it is said only so often."""

    whisper: Signal
    turn: str = ""


class Signals:
    """`delivered` is the newest event of which everything on this worker was sent."""

    def __init__(self, pubsub: PubSub, leases: Leases, reads: Engine, delivered: Callable[[], int]) -> None:
        self._pubsub = pubsub
        self._leases = leases
        self._reads = reads
        self._delivered = delivered
        self._signs: deque[QueuedSignal] = deque(maxlen=WAITING)
        self._changes: deque[PresenceChange] = deque(maxlen=WAITING)
        self._wake = GeventEvent()
        self._greenlet: gevent.Greenlet[[], None] | None = None

    def start(self) -> None:
        """Once a process; a second call does nothing."""
        if self._greenlet is None:
            self._greenlet = gevent.spawn(self._run)

    def typing(self, room: RoomRef, user: UserRef, as_of: int) -> None:
        """By somebody who was found, after the event as_of, to be one who may post there."""
        pair = [one.id for one in memberships.pair(self._reads, room.id)] if room.kind == "direct" else []
        self._give(QueuedSignal(signal.typing(room, user, pair, as_of), f"typing:{room.id}:{user.id}"))

    def read(self, read: Read, user_id: int, as_of: int) -> None:
        self._give(QueuedSignal(signal.read(read, user_id, as_of)))

    def presence_changed(self, changes: Sequence[PresenceChange]) -> None:
        self._changes.extend(changes)
        self._wake.set()

    def _give(self, sign: QueuedSignal) -> None:
        self._signs.append(sign)
        self._wake.set()

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            try:
                self._pass_on()
            except (RedisError, SQLAlchemyError) as error:
                logger.debug("signs are lost: %s", error)
            except Exception:  # whatever it is, the worker must not fall silent for good
                logger.exception("signs are lost")

    def _pass_on(self) -> None:
        signs, comings = list(self._signs), list(self._changes)
        self._signs.clear()
        self._changes.clear()
        said = [*self._in_turn(signs), *self._presences(comings)]
        for begin in range(0, len(said), AT_ONCE):
            self._pubsub.publish(TOPIC, signal.packed(said[begin : begin + AT_ONCE]))

    def _in_turn(self, signs: Sequence[QueuedSignal]) -> list[Signal]:
        asked = list({sign.turn for sign in signs if sign.turn})
        given = dict(zip(asked, self._leases.take_turns(asked, TYPING_SECONDS), strict=True))
        return [sign.whisper for sign in signs if not sign.turn or given.pop(sign.turn, False)]

    def _presences(self, comings: Sequence[PresenceChange]) -> list[Signal]:
        names = users.names(self._reads, {coming.user_id for coming in comings}) if comings else {}
        as_of = self._delivered()
        return [
            signal.presence(coming.room_id, UserRef(coming.user_id, names[coming.user_id]), coming.present, as_of)
            for coming in comings
            if coming.user_id in names
        ]
