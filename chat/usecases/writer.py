"""The writer commits posts in groups: all that wait in a worker in one transaction. It answers each after the commit."""

import logging
from collections.abc import Callable, Sequence
from time import monotonic

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from chat.services import metrics, posting
from chat.services.batcher import Batcher
from chat.services.delivery_delays import DeliveryDelays
from chat.services.posting import Post, Posted
from chat.usecases.publisher import Publisher

logger = logging.getLogger(__name__)

BATCH_POSTS = 200  # a commit of so many takes a few ms; more would only make the first one wait
FAILING_SECONDS = 5.0  # after a commit that failed; without a post nobody knows whether the next would
NEVER = float("-inf")
FAULTS = ("08", "25", "53", "55", "57", "58")  # classes of SQLSTATE: of the connection, read-only, resources, locks, shutdown, system
WAITING_POSTS = 5_000  # about a second of posts: past it a post is refused as Busy


class Writer:
    """Commits posts. All that wait go into one transaction."""

    def __init__(self, engine: Engine, publisher: Publisher, delays: DeliveryDelays, known: Callable[[], int]) -> None:
        """known: the newest id that this worker knows of."""
        self._engine = engine
        self._publisher = publisher
        self._known = known
        self._began = 0.0
        self._failed_at = NEVER
        self._delays = delays
        self._batcher: Batcher[Post, Posted | Exception | None] = Batcher(self._commit, BATCH_POSTS, WAITING_POSTS)

    def post(self, post: Post) -> Posted | None:
        """Waits for the commit. Returns None if the sender may not post there. Raises Busy, SQLAlchemyError."""
        answer = self._batcher.ask(post)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def waiting_seconds(self) -> float:
        """How long the present commit has been waiting; 0 without one."""
        return monotonic() - self._began if self._began else 0.0

    @property
    def is_failing(self) -> bool:
        """Whether the newest commit failed, and lately: a database that is read-only, or has no space."""
        return monotonic() - self._failed_at < FAILING_SECONDS

    def _commit(self, posts: Sequence[Post]) -> Sequence[Posted | Exception | None]:
        self._began = monotonic()
        try:
            with metrics.COMMIT.time():
                answers = self._commit_together(posts)
        except SQLAlchemyError:
            self._failed_at = monotonic()
            raise
        finally:
            self._began = 0.0
        self._failed_at = monotonic() if all(map(_is_fault, answers)) else NEVER
        new = [answer.event for answer in answers if isinstance(answer, Posted) and not answer.replayed]
        if new:
            metrics.POSTS.inc(len(new))
            self._delays.committed(new[-1].id, len(new))
            self._publisher.publish(new)
        return answers

    def _commit_together(self, posts: Sequence[Post]) -> list[Posted | Exception | None]:
        try:
            return list(posting.commit(self._engine, posts, self._known()))
        except DBAPIError as error:
            if not _was_rolled_back(error):
                raise
            logger.warning("a batch of %d failed, now one by one: %s", len(posts), error)
            return [self._commit_alone(post) for post in posts]

    def _commit_alone(self, post: Post) -> Posted | Exception | None:
        try:
            return posting.commit(self._engine, [post], self._known())[0]
        except SQLAlchemyError as error:
            return error


def _is_fault(answer: Posted | Exception | None) -> bool:
    """Whether the database failed, whatever was posted."""
    code = getattr(answer.orig, "pgcode", None) if isinstance(answer, DBAPIError) else None
    return isinstance(answer, SQLAlchemyError) and (code is None or code[:2] in FAULTS)


def _was_rolled_back(error: DBAPIError) -> bool:
    """Whether the server refused. If the connection broke, the commit may have landed, and a retry could post twice."""
    return getattr(error.orig, "pgcode", None) is not None and not error.connection_invalidated
