"""The publisher appends committed events to the log, by compare-and-append.

If another worker has committed earlier events and not appended them yet, the publisher reads them from the database and appends them
first, so the log never has a hole."""

import logging
from collections.abc import Callable, Sequence
from time import monotonic

import gevent
from gevent.event import Event as GeventEvent
from redis import RedisError
from redis.exceptions import OutOfMemoryError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from chat.domain.epochs import Epochs, OtherEpoch
from chat.domain.event import Event
from chat.domain.record import encode
from chat.services import epochs, events, metrics
from chat.services.events import IdRange
from chat.services.log_stream import Log

logger = logging.getLogger(__name__)

APPEND_EVENTS = 500  # in one call of the script, during which Redis serves no other client
PUBLISHED_EVENTS = 500  # of one transaction, read and published at a time
PENDING_EVENTS = 10_000  # past it events are dropped from memory and read from the database
LOST_EVENTS = 5_000  # a log that ends this far from the head is restarted: filling it would delay live events
RESTART_EVENTS = 1_000  # how far below the head a log restarts, at most: at 16 KB each as much as a small Redis can hold
SLOW_SECONDS = 0.04  # for appending run by run; a log that takes longer is far away
PATIENCE_SECONDS = (0.001, 0.002, 0.004, 0.008, 0.016)  # waits, before events of another worker are read from the database


class Publisher:
    """Appends committed events to the log, in one greenlet a worker."""

    def __init__(self, log: Log, reads: Engine) -> None:
        self._log = log
        self._reads = reads
        self._kick: Callable[[int], object] = lambda _: None  # without a follower nobody waits, and all is kept
        self._floor: Callable[[], int] = lambda: 0
        self._epochs = Epochs()
        self._last = 0  # the last id of the log when this worker appended
        self._pending: list[Event] = []
        self._wake = GeventEvent()
        self._worker: gevent.Greenlet[[], None] | None = None

    def serve(self, kick: Callable[[int], object], floor: Callable[[], int]) -> None:
        """kick: tells the follower the newest id that was committed here. floor: the log need not keep ids below it."""
        self._kick, self._floor = kick, floor

    def publish(self, committed: Sequence[Event]) -> None:
        """Queues events to be appended. Never waits and never fails, because the database has them."""
        self._pending.extend(committed)
        if len(self._pending) > PENDING_EVENTS:
            del self._pending[:-1]  # the last one makes the append read the others from the database
        self._wake.set()
        if committed:
            self._kick(committed[-1].id)
        if self._worker is None or self._worker.dead:
            self._worker = gevent.spawn(self._run)

    def announce(self, event_id: int | None) -> bool:
        """Publishes one event that its own transaction committed. Returns False without one: nothing was changed."""
        if event_id is not None:
            self.announce_all(IdRange(event_id - 1, event_id))
        return event_id is not None

    def announce_all(self, ids: IdRange) -> None:
        """Publishes the events of one transaction. If this worker dies meanwhile, another one finds them in the database."""
        for above in range(ids.above, ids.up_to, PUBLISHED_EVENTS):
            up_to = min(above + PUBLISHED_EVENTS, ids.up_to)
            self.publish([encode(record) for record in events.read_range(self._reads, above, up_to, PUBLISHED_EVENTS)])

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            pending, self._pending = sorted(self._pending, key=lambda event: event.id), []
            try:
                self.append(pending)
            except OutOfMemoryError:
                self._make_room()
            except (RedisError, SQLAlchemyError, OtherEpoch) as error:
                logger.warning("not appended to the log, to be mended later: %s", error)

    def _make_room(self) -> None:
        """Redis is full: the log is emptied and restarts near the head."""
        logger.warning("Redis has no room for the log, which restarts")
        try:
            self._log.drop()
        except RedisError as error:
            logger.warning("the log cannot be emptied: %s", error)

    def append(self, committed: Sequence[Event]) -> None:
        """Appends events in id order, and before them those that the log lacks. Raises RedisError, SQLAlchemyError, OtherEpoch."""
        if not self._epochs.names:
            self._epochs = epochs.state(self._reads).epochs
        until = monotonic() + SLOW_SECONDS
        try:
            if not all(self._append_run(run, until) for run in _dense_runs(committed)):
                self._append_all()
        except OtherEpoch:
            self.mend()

    def _append_run(self, run: list[Event], until: float) -> bool:
        """Appends events with consecutive ids. Waits a little first if another worker is about to append earlier ones. Returns False if
        it is time to read the earlier ones from the database.

        Those that the record has lost meanwhile are left out."""
        for seconds in PATIENCE_SECONDS:
            run = [event for event in run if self._epochs.valid(event.id) == event.id]
            if not run:
                return True
            if monotonic() > until:
                return False
            ends = self._last = self._log.append(run[0].id - 1, run, self._epochs.name, self._floor())
            run = [event for event in run if event.id > ends]
            if not run:
                return True
            gevent.sleep(seconds)
        return False

    def _append_all(self) -> None:
        """Appends from the database what all workers have committed: as many events in a round trip as there are."""
        state = epochs.state(self._reads)
        if state.epochs == self._epochs:
            self._fill(self._last, state.head)
        else:
            self.mend()

    def mend(self) -> None:
        """Appends what the log lacks. Restarts a log that was lost, or is of another epoch or another database."""
        last, epoch = self._log.end()
        state = epochs.state(self._reads)
        if last > state.head and epoch == state.epochs.name:
            state = epochs.state(self._reads, last)  # the record lacks what was committed: a new epoch begins
        self._epochs = state.epochs
        if last > state.head or (epoch or state.epochs.name) != state.epochs.name or state.epochs.valid(last) != last:
            last = self._restart(last, state.head)
        self._fill(last, state.head)

    def _fill(self, last: int, up_to: int) -> None:
        """Appends from the database what a log that ends with `last` lacks. Another worker may do the same meanwhile."""
        while last < up_to:
            if last < up_to - LOST_EVENTS:
                last = self._restart(last, up_to)
                continue
            missing = self._missing(last, up_to)
            if not missing:
                return
            last = self._last = self._log.append(last, missing, self._epochs.name, self._floor())

    def _restart(self, last: int, up_to: int) -> int:
        """Empties a log that ends far from the head, and restarts it near the head, where a tail would begin. Returns its last id."""
        begin = min(max(0, up_to - RESTART_EVENTS, self._floor()), max(0, up_to - 1))
        first = self._missing(begin, up_to)
        if not first:
            self._log.clear(last)
            return up_to
        return self._log.append(last, first, self._epochs.name, restart=True)

    def _missing(self, above: int, up_to: int) -> list[Event]:
        metrics.MENDS.inc()
        return [encode(record) for record in events.read_range(self._reads, above, up_to, APPEND_EVENTS)]


def _dense_runs(pending: Sequence[Event]) -> list[list[Event]]:
    """The events in runs of consecutive ids, of bounded length. The ids between two runs are of other workers."""
    runs: list[list[Event]] = []
    for event in pending:
        if runs and event.id == runs[-1][-1].id + 1 and len(runs[-1]) < APPEND_EVENTS:
            runs[-1].append(event)
        else:
            runs.append([event])
    return runs
