"""The hub: one a worker. It follows the log, or the database while Redis is away, keeps the tail, and sends every event
to its subscribers in order.

position is the newest id that the tail covers; delivered the newest of which every subscriber was sent its part."""

import logging
import random
import time
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

import gevent
import msgspec
from gevent.event import Event as Signal
from redis import RedisError
from sqlalchemy.exc import SQLAlchemyError

from chat.domain.event import CONTROL_KINDS, Channel, Event, Record, control_channel, encode, room_channel
from chat.domain.shapes import MembershipChange
from chat.domain.tail import TAIL_EVENTS, Tail
from chat.live.fanout import Fanout
from chat.live.subscriber import Subscriber
from chat.live.wheel import TICK_SECONDS, Wheel

logger = logging.getLogger(__name__)

READ_EVENTS = 500  # taken from the log at once
BLOCK_MS = 1000  # an idle worker looks this often for what a dead one left unpublished
JOIN_SECONDS = 0.002  # after a read: what arrives meanwhile goes out in one send instead of many
DATABASE_SECONDS = 0.2  # between looks at the database while Redis is away
RETRY_SECONDS = 1.0  # before the next try of a log or a database that is away
FILL_EVENTS = TAIL_EVENTS
BYE_SPREAD_MS = (500, 5000)  # clients of a stopping worker come back spread over this time


class Log(Protocol):
    """The stream between the workers. Raises RedisError."""

    def read(self, above: int, most: int, block_ms: int) -> list[Event]: ...

    def newest(self, most: int) -> list[Event]: ...


class History(Protocol):
    """The record. Raises SQLAlchemyError."""

    def head(self) -> int: ...

    def between(self, above: int, up_to: int, most: int) -> list[Record]: ...


class Hub:
    """Follows the log in one greenlet and gives the heartbeats their turns in another."""

    def __init__(
        self,
        log: Log,
        history: History,
        mend: Callable[[], None],
        lapsed: Callable[[Collection[Subscriber]], dict[Subscriber, str]],
        heartbeat_seconds: float,
    ) -> None:
        self.tail = Tail(0)
        self.delivered = 0
        self.fanout = Fanout()
        self.subscribers = Wheel(heartbeat_seconds)
        self.ready = Signal()
        self.draining = False
        self.closings: dict[str, int] = {}
        self.changed: set[Channel] = set()
        self._log = log
        self._history = history
        self._mend = mend
        self._lapsed = lapsed
        self._kick = Signal()
        self._greenlets: list[gevent.Greenlet[[], None]] = []

    @property
    def position(self) -> int:
        return self.tail.head

    def start(self) -> None:
        """Once a process; a second call does nothing."""
        if not self._greenlets:
            self._greenlets = [gevent.spawn(self._follow), gevent.spawn(self._turn)]

    def kick(self) -> None:
        """Something was committed here: whoever waits for the database need not."""
        self._kick.set()

    # Subscribers

    def register(self, subscriber: Subscriber, channels: Sequence[Channel]) -> None:
        """Sends to it from now on. The caller has sent it all up to `position` without giving way since."""
        subscriber.cursor = max(subscriber.cursor, self.position)
        subscriber.channels = tuple(channels)
        subscriber.registry = self
        self.fanout.add(subscriber, subscriber.channels)
        self.subscribers.add(subscriber)
        self.changed.update(subscriber.channels)

    def forget(self, subscriber: Subscriber) -> None:
        self.fanout.remove(subscriber, subscriber.channels)
        self.subscribers.remove(subscriber)
        self.changed.update(subscriber.channels)
        self.closings[subscriber.closed] = self.closings.get(subscriber.closed, 0) + 1

    def rights_changed(self, user_id: int, since: int) -> bool:
        """Whether the log has something about this user's rights after an id; a yes also where the tail does not reach back so far."""
        return since < self.tail.floor or bool(self.tail.after([control_channel(user_id)], since, 1))

    def drain(self) -> None:
        """Sends everybody away, spread out: this worker stops."""
        self.draining = True
        for subscriber in self.subscribers:
            subscriber.dismiss(random.randint(*BYE_SPREAD_MS))

    # Following

    def _follow(self) -> None:
        while True:
            try:
                self._follow_log()
            except SQLAlchemyError as error:
                self._without_database(error)
            except RedisError as error:
                logger.warning("the log is away, following the database: %s", error)
                self._try_database()
            except Exception:  # an entry that nobody can read must not silence the worker: the database has the event
                logger.exception("the log cannot be followed, following the database")
                self._try_database()

    def _try_database(self) -> None:
        try:
            self._follow_database()
        except SQLAlchemyError as error:
            self._without_database(error)

    def _without_database(self, error: Exception) -> None:
        logger.warning("the database is away: %s", error)
        gevent.sleep(RETRY_SECONDS)

    def _follow_log(self) -> None:
        self._mend()
        if not self.ready.is_set():
            self._fill(self._log.newest(FILL_EVENTS))
        while True:
            events = self._log.read(self.position, READ_EVENTS, BLOCK_MS)
            if events:
                self._take(events)
                gevent.sleep(JOIN_SECONDS)
            elif self._history.head() > self.position:
                self._mend()

    def _follow_database(self) -> None:
        """Until the log is back and has what was committed meanwhile."""
        if not self.ready.is_set():
            head = self._history.head()
            self._fill([encode(record) for record in self._history.between(head - READ_EVENTS, head, READ_EVENTS)])
        next_try = time.monotonic() + RETRY_SECONDS
        while True:
            self._kick.clear()
            if not self._catch_up(self._history.head()):
                self._kick.wait(DATABASE_SECONDS)
            if time.monotonic() >= next_try:
                if self._is_back():
                    return
                next_try = time.monotonic() + RETRY_SECONDS

    def _is_back(self) -> bool:
        try:
            self._mend()
        except RedisError:
            return False
        logger.warning("the log is back")
        return True

    def _fill(self, events: Sequence[Event]) -> None:
        head = self._history.head() if not events else events[0].id - 1
        self.tail = Tail(head)
        self.tail.extend(events)
        self.delivered = self.position
        self.ready.set()

    def _take(self, events: list[Event]) -> None:
        """Delivers what the log gave; what is missing before an entry is read from the database first, unless it has no row any more."""
        run: list[Event] = []
        for event in events:
            if event.id <= self.position:
                continue
            if event.id != (run[-1].id if run else self.position) + 1:
                self._deliver(run)
                run = []
                self._catch_up(event.id - 1)
            run.append(event)
        self._deliver(run)

    def _catch_up(self, up_to: int) -> bool:
        """Delivers from the database up to an id; answers whether there was anything."""
        found = False
        while self.position < up_to:
            records = self._history.between(self.position, up_to, READ_EVENTS)
            if not records:
                self.tail.advance(up_to)
                break
            found = True
            self._deliver([encode(record) for record in records])
        return found

    def _deliver(self, events: list[Event]) -> None:
        if not events:
            return
        self.tail.extend(events)
        for run in _runs(events):
            if run[0].kind in CONTROL_KINDS:
                self._deliver_control(run[0])
            else:
                self.fanout.send(run)
        self.delivered = self.position

    def _deliver_control(self, event: Event) -> None:
        """A join takes effect before its own event is sent, anything else after it."""
        if event.kind == "join":
            self._joined(event)
        self.fanout.send([event])
        if event.kind == "leave":
            self._left(event)
        elif event.kind == "session_ended":
            self._session_ended(event)

    def _joined(self, event: Event) -> None:
        assert event.room_id is not None
        channel = room_channel(event.room_id)
        for subscriber in self.subscribers:
            if subscriber.follows and subscriber.user_id == event.sender_id and channel not in subscriber.channels:
                subscriber.channels = (*subscriber.channels, channel)
                self.fanout.add(subscriber, [channel])
                self.changed.add(channel)

    def _left(self, event: Event) -> None:
        """An open room may be read by anybody: only who merely followed it is taken out. A closed one ends for whoever left."""
        change = msgspec.json.decode(event.data, type=MembershipChange)
        channel = room_channel(change.room.id)
        for subscriber in self.subscribers:
            if subscriber.user_id != event.sender_id or channel not in subscriber.channels:
                continue
            if subscriber.follows:
                subscriber.channels = tuple(other for other in subscriber.channels if other != channel)
                self.fanout.remove(subscriber, [channel])
                self.changed.add(channel)
            elif change.room.kind == "closed":
                subscriber.end("left")

    def _session_ended(self, event: Event) -> None:
        for subscriber in self.subscribers:
            if subscriber.session_id == event.session_id:
                subscriber.end("signed_out")

    # Heartbeats

    def _turn(self) -> None:
        while True:
            gevent.sleep(TICK_SECONDS)
            for subscriber in self.subscribers.expired(time.monotonic()):
                subscriber.heartbeat(self.delivered)
                subscriber.end("waited")
            turn = self.subscribers.turn()
            if turn:
                self._beat(turn)

    def _beat(self, turn: list[Subscriber]) -> None:
        """Authorises each anew, then moves its cursor on. Only what is delivered counts: a fan-out may be under way."""
        try:
            lapsed = self._lapsed(turn)
        except SQLAlchemyError as error:
            logger.warning("heartbeats go out unauthorised, for the database is away: %s", error)
            lapsed = {}
        for subscriber in turn:
            if subscriber.closed:
                continue
            if subscriber in lapsed:
                subscriber.end(lapsed[subscriber])
            else:
                subscriber.heartbeat(self.delivered)


def _runs(events: Sequence[Event]) -> list[list[Event]]:
    """The events in order, each that changes rights by itself."""
    runs: list[list[Event]] = []
    for event in events:
        if event.kind in CONTROL_KINDS or not runs or runs[-1][0].kind in CONTROL_KINDS:
            runs.append([event])
        else:
            runs[-1].append(event)
    return runs
