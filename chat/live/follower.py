"""The follower: the greenlet of a worker that reads the log, or the database while Redis is away.

It hands the hub every event once, in id order."""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import pairwise
from operator import attrgetter
from typing import Protocol

import gevent
from gevent.event import Event as GeventEvent
from redis import RedisError
from sqlalchemy.exc import SQLAlchemyError

from chat.domain.epochs import LogState, OtherEpoch
from chat.domain.event import Event
from chat.domain.record import Record, encode
from chat.domain.tail import TAIL_EVENTS
from chat.live.hub import Hub

logger = logging.getLogger(__name__)

READ_EVENTS = 500  # read from the log at once
BLOCK_MS = 1000
JOIN_SECONDS = 0.004  # between two reads: events that arrive meanwhile go out in one send instead of many
DATABASE_SECONDS = 0.2  # between looks at the database while Redis is away
WATCH_SECONDS = 0.5  # between looks at the database's head and epoch
AGREE_SECONDS = 0.05  # before a log that disagreed is read again
BEHIND_SECONDS = 0.1  # how long what was committed here may be missing in the log before the database is read
DEAF_SECONDS = 10.0
RETRY_SECONDS = 1.0  # before the next try of a log or a database that is away


class Log(Protocol):
    """The stream between the workers. Raises RedisError, and OtherEpoch."""

    def read(self, above: int, most: int, block_ms: int, epoch: str) -> list[Event]: ...

    def newest(self, most: int, epoch: str) -> list[Event]: ...


class History(Protocol):
    """The events in the database. Raises SQLAlchemyError."""

    def state(self, known: int) -> LogState: ...

    def between(self, above: int, up_to: int, most: int) -> list[Record]: ...

    def within(self, gaps: Sequence[tuple[int, int]]) -> list[Record]: ...


class Follower:
    """Never gives up: it changes between the log and the database as they come and go."""

    def __init__(self, hub: Hub, log: Log, history: History, mend: Callable[[], None], deaf_seconds: float = DEAF_SECONDS) -> None:
        self._hub = hub
        self._log = log
        self._history = history
        self._mend = mend
        self._kick = GeventEvent()
        self._committed = 0  # the newest id of this worker
        self._heard_at = time.monotonic()  # when the log or the database answered last
        self._deaf_seconds = deaf_seconds
        self._out_of_date = False
        self._greenlets: list[gevent.Greenlet[[], None]] = []

    def start(self) -> None:
        """Once a process; a second call does nothing."""
        if not self._greenlets:
            self._greenlets = [gevent.spawn(part) for part in (self._follow, self._watch, self._listen)]

    def kick(self, committed: int) -> None:
        """Ends a wait for the database: this id was committed on this worker."""
        self._committed = max(self._committed, committed)
        self._kick.set()

    def _follow(self) -> None:
        while True:
            try:
                self._follow_log()
            except SQLAlchemyError as error:
                self._wait_for_database(error)
            except OtherEpoch:
                logger.warning("the log and the database disagree: the log begins again from the database")
                gevent.sleep(AGREE_SECONDS)
            except RedisError as error:
                logger.warning("the log is away, following the database: %s", error)
                self._try_database()
            except Exception:  # an entry that cannot be read must not stop the worker: the database has the event
                logger.exception("the log cannot be followed, following the database")
                self._try_database()

    def _try_database(self) -> None:
        try:
            self._follow_database()
        except SQLAlchemyError as error:
            self._wait_for_database(error)
        except Exception:  # whatever it is, the worker must not stop following for good
            logger.exception("the database cannot be followed")
            gevent.sleep(RETRY_SECONDS)

    def _watch(self) -> None:
        """Looks whether the record has gone back, or has events that the log lacks for long: a dead worker left them unpublished.

        Beside the way of the events, which waits for no database. One that is away shows elsewhere."""
        head = 0
        while True:
            gevent.sleep(WATCH_SECONDS)
            is_behind = self._hub.position < head
            with suppress(SQLAlchemyError):
                state = self._history.state(self._hub.position)
                head = state.head
                self._out_of_date |= self._hub.ready.is_set() and (is_behind or state.epochs != self._hub.epochs)

    def _listen(self) -> None:
        """Looks whether this worker hears of anything. If it does not, its clients are sent to one that does."""
        while True:
            gevent.sleep(WATCH_SECONDS)
            self._hub.set_deaf(self._hub.ready.is_set() and time.monotonic() - self._heard_at > self._deaf_seconds)

    def _head(self) -> int:
        """The newest committed id. The hub takes the database's epoch."""
        state = self._history.state(self._hub.position)
        self._heard_at = time.monotonic()
        self._out_of_date = False
        if state.epochs != self._hub.epochs:
            self._hub.change_epoch(state)
        return state.head

    def _wait_for_database(self, error: Exception) -> None:
        logger.warning("the database is away: %s", error)
        gevent.sleep(RETRY_SECONDS)

    def _follow_log(self) -> None:
        self._mend()
        head = self._head()
        if not self._hub.ready.is_set():
            self._begin(self._fill_gaps(self._log.newest(TAIL_EVENTS, self._hub.epochs.name)))
        self._catch_up(head)  # also past an id whose row is gone: no log will ever have it
        self._hub.collect_deletions()
        while not self._out_of_date:
            began = time.monotonic()
            events = self._read()
            self._deliver(events)
            gevent.sleep(max(0.0, began + JOIN_SECONDS - time.monotonic()) if events else JOIN_SECONDS)

    def _read(self) -> list[Event]:
        """Reads the log. Reads the database meanwhile if the log is behind what was committed here, or does not answer."""
        read = gevent.spawn(self._try_read, self._hub.position)
        answers_by = time.monotonic() + BLOCK_MS / 1000 + DATABASE_SECONDS
        committed = self._committed
        while not read.ready():
            read.join(BEHIND_SECONDS)
            if not read.ready() and (committed > self._hub.position or time.monotonic() > answers_by):
                self._catch_up(self._head())
            committed = self._committed
        if isinstance(read.value, Exception):
            raise read.value
        self._heard_at = time.monotonic()
        return read.value or []

    def _try_read(self, position: int) -> list[Event] | Exception:
        try:
            return self._log.read(position, READ_EVENTS, BLOCK_MS, self._hub.epochs.name)
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            return error

    def _follow_database(self) -> None:
        """Returns when the log is back and has everything that was committed meanwhile."""
        if not self._hub.ready.is_set():
            head = self._head()
            self._begin([encode(record) for record in self._history.between(head - READ_EVENTS, head, READ_EVENTS)])
        probe = gevent.spawn_later(RETRY_SECONDS, self._is_back)  # beside: a log that hangs must not hold this up
        try:
            while not probe.value:
                self._kick.clear()
                if not self._catch_up(self._head()):
                    self._kick.wait(DATABASE_SECONDS)
                if probe.ready() and not probe.value:
                    probe = gevent.spawn_later(RETRY_SECONDS, self._is_back)
        finally:
            probe.kill(block=False)
        logger.warning("the log is back")

    def _is_back(self) -> bool:
        try:
            self._mend()
        except (RedisError, SQLAlchemyError, OtherEpoch):
            return False
        return True

    def _begin(self, events: Sequence[Event]) -> None:
        self._hub.begin(events[0].id - 1 if events else self._head(), events)

    def _fill_gaps(self, events: Sequence[Event]) -> list[Event]:
        """Adds the events that were dropped from the log because they held a deleted message: the database has them without its text."""
        gaps = [(one.id, other.id) for one, other in pairwise(events) if other.id > one.id + 1]
        pages = [gaps[begin : begin + READ_EVENTS] for begin in range(0, len(gaps), READ_EVENTS)]
        missing = [encode(record) for page in pages for record in self._history.within(page)]
        return sorted([*events, *missing], key=attrgetter("id"))

    def _deliver(self, events: Sequence[Event]) -> None:
        """Delivers events of the log. If ids are missing before one, their events are read from the database and delivered first. An
        entry without a frame is read from the database, too."""
        run: list[Event] = []
        for event in events:
            if event.id <= self._hub.position:
                continue
            if event.id != (run[-1].id if run else self._hub.position) + 1:
                self._hub.deliver(run)
                run = []
                self._catch_up(event.id - 1)
            if event.frame:
                run.append(event)
            else:
                self._hub.deliver(run)
                run = []
                self._catch_up(event.id)
        self._hub.deliver(run)

    def _catch_up(self, up_to: int) -> bool:
        """Delivers events of the database up to an id. Returns whether there were any. Raises OtherEpoch if the database ends before."""
        delivered = is_committed = False
        while self._hub.position < up_to:
            records = self._history.between(self._hub.position, up_to, READ_EVENTS)
            if not records and is_committed:
                self._hub.tail.advance(up_to)
                break
            if not records:  # looks again: the rows may have been committed since
                epochs, is_committed = self._hub.epochs, self._head() >= up_to
                if not is_committed or self._hub.epochs != epochs:
                    raise OtherEpoch
                continue
            delivered = True
            self._hub.deliver([encode(record) for record in records])
        return delivered
