"""The only way an event is made: committed to the database, then appended to the log.

The Writer commits posts in groups and answers each after the commit. The Publisher appends what was committed, compare-and-append:
what another worker committed before and has not appended yet it reads from the database and appends first, so the log never has a hole."""

import logging
from collections.abc import Callable, Sequence

import gevent
from gevent.event import Event as Signal
from redis import RedisError
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from chat.domain.event import Event, encode
from chat.services import events, metrics
from chat.services.batcher import Batcher
from chat.services.events import Post, Posted
from chat.services.log import Log

logger = logging.getLogger(__name__)

BATCH_POSTS = 200  # a commit of so many takes a few ms; more would only make the first of them wait
WAITING_POSTS = 5_000  # about a second of posts: past it a sender is told to come back
APPEND_EVENTS = 500  # in one call of the script: Redis serves nobody else meanwhile
PENDING_EVENTS = 10_000  # past it they are dropped here and read from the database
RESTART_EVENTS = 5_000  # how far below the head a lost log begins anew
ROUNDS = 20  # compare-and-append against other workers; each round somebody has got further


def _nobody_waits() -> None:
    """Of a publisher without a follower: a release command's, a test's."""


def _keep_all() -> int:
    return 0


class Publisher:
    """Appends committed events to the log, in one greenlet a worker."""

    def __init__(self, log: Log, reads: Engine) -> None:
        self._log = log
        self._reads = reads
        self._kick: Callable[[], None] = _nobody_waits
        self._floor: Callable[[], int] = _keep_all
        self._pending: list[Event] = []
        self._wake = Signal()
        self._worker: gevent.Greenlet[[], None] | None = None

    def serve(self, kick: Callable[[], None], floor: Callable[[], int]) -> None:
        """Whom to wake after a commit, and below which id the log need not keep anything."""
        self._kick, self._floor = kick, floor

    def publish(self, committed: Sequence[Event]) -> None:
        """Hands events over to be appended; never waits, and never fails: the record has them."""
        self._pending.extend(committed)
        if len(self._pending) > PENDING_EVENTS:
            del self._pending[:-1]  # the last one makes the append read the others from the database
        self._wake.set()
        self._kick()
        if self._worker is None or self._worker.dead:
            self._worker = gevent.spawn(self._run)

    def announce(self, event_id: int) -> None:
        """Publishes one event that a transaction of its own committed."""
        self.publish([encode(record) for record in events.between(self._reads, event_id - 1, event_id, 1)])

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            pending, self._pending = sorted(self._pending, key=lambda event: event.id), []
            try:
                self._append_all(pending)
            except (RedisError, SQLAlchemyError) as error:
                logger.warning("not appended to the log, to be mended later: %s", error)
                self._kick()

    def _append_all(self, pending: list[Event]) -> None:
        for start in range(0, len(pending), APPEND_EVENTS):
            part = pending[start : start + APPEND_EVENTS]
            self.append(part[0].id - 1, part)

    def append(self, last: int, wanted: Sequence[Event]) -> None:
        """Appends the events where the log ends with `last`; where it does not, what is missing goes first.

        Another worker may append the same at the same time: who comes later finds it done. Ids that are missing among the events
        have no row any more, or are another worker's: those are read from the database like what is missing before them."""
        for _ in range(ROUNDS):
            batch = self._whole(last, wanted)
            if not batch:
                return
            ends = self._log.append(last, batch, self._floor())
            if ends >= wanted[-1].id:
                return
            last = ends if ends >= wanted[-1].id - RESTART_EVENTS else self._restart(ends, wanted[-1].id)

    def _whole(self, last: int, wanted: Sequence[Event]) -> list[Event]:
        """The next events that the log lacks after `last`, up to the wanted ones, without a hole."""
        rest = [event for event in wanted if event.id > last]
        if rest and rest[-1].id - last == len(rest):
            return rest
        return self._missing(last, wanted[-1].id)

    def _missing(self, last: int, up_to: int) -> list[Event]:
        metrics.MENDS.inc()
        return [encode(record) for record in events.between(self._reads, last, up_to, APPEND_EVENTS)]

    def mend(self) -> None:
        """Appends what a dead worker left unpublished; begins a log anew that was lost, or that is not of this database."""
        last, head = self._log.last(), events.head(self._reads)
        if last > head or last < head - RESTART_EVENTS:
            last = self._restart(last, head)
        while last < head:
            batch = self._missing(last, head)
            if not batch:
                return
            self.append(last, batch)
            last = batch[-1].id

    def _restart(self, last: int, head: int) -> int:
        """A log that ends far from the head is emptied and begins near it. Answers the id that it ends with."""
        first = self._missing(max(0, head - RESTART_EVENTS), head)
        if not first:
            self._log.clear(last)
            return head
        return self._log.append(last, first, restart=True)


class Writer:
    """Commits posts, all that wait in one transaction."""

    def __init__(self, engine: Engine, publisher: Publisher) -> None:
        self._engine = engine
        self._publisher = publisher
        self._batcher: Batcher[Post, Posted | Exception | None] = Batcher(self._commit, BATCH_POSTS, WAITING_POSTS)

    def post(self, post: Post) -> Posted | None:
        """Waits for the commit. None where the sender may not post there. Raises Busy, SQLAlchemyError."""
        answer = self._batcher.ask(post)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _commit(self, posts: Sequence[Post]) -> Sequence[Posted | Exception | None]:
        with metrics.COMMIT.time():
            answers = self._commit_together(posts)
        new = [encode(answer.record) for answer in answers if isinstance(answer, Posted) and not answer.replayed]
        if new:
            metrics.POSTS.inc(len(new))
            self._publisher.publish(new)
        return answers

    def _commit_together(self, posts: Sequence[Post]) -> list[Posted | Exception | None]:
        try:
            return list(events.post(self._engine, posts))
        except DBAPIError as error:
            if not _was_rolled_back(error):
                raise
            logger.warning("a batch of %d failed, now one by one: %s", len(posts), error)
            return [self._commit_alone(post) for post in posts]

    def _commit_alone(self, post: Post) -> Posted | Exception | None:
        try:
            return events.post(self._engine, [post])[0]
        except SQLAlchemyError as error:
            return error


def _was_rolled_back(error: DBAPIError) -> bool:
    """The server said no. Where the connection broke the commit may have landed: trying again could post twice."""
    return getattr(error.orig, "pgcode", None) is not None and not error.connection_invalidated
