"""Many greenlets ask for the like at once, one greenlet does it for all: group commit, and lookups of a crowd in one query.

Bounded: past its limit a request is refused rather than queued."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, cast

import gevent
from gevent.event import AsyncResult, Event

from chat.domain.refusals import Busy

Item = TypeVar("Item")
Answer = TypeVar("Answer")

LOOKUPS = 500  # in one query
WAITING_LOOKUPS = 20_000  # a whole crowd that comes back at once
GATHER_SECONDS = 0.02  # ten milliseconds make smaller crowds, twice as many do little more (docs/figures.md)


class Batcher(Generic[Item, Answer]):
    """Calls `work` with all items that wait, at most `most` at a time; it answers one result an item, in their order, or raises for all.

    gather: seconds for which a busy worker goes on with whatever it can before the items are taken, so that many of a crowd are
    among them; one that has nothing else to do takes them at once."""

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Answer]], most: int, waiting: int, gather: float = 0.0) -> None:
        self._work = work
        self._most = most
        self._limit = waiting
        self._gather = gather
        self._waiting: list[tuple[Item, AsyncResult[Any]]] = []
        self._wake = Event()
        self._worker: gevent.Greenlet[[], None] | None = None

    def ask(self, item: Item) -> Answer:
        """Waits for the item's answer. Raises Busy, or what the work raised."""
        if len(self._waiting) >= self._limit:
            raise Busy
        result: AsyncResult[Any] = AsyncResult()
        self._waiting.append((item, result))
        self._wake.set()
        if self._worker is None or self._worker.dead:
            self._worker = gevent.spawn(self._run)
        answer: Any = result.get()
        return cast(Answer, answer)

    def _run(self) -> None:
        while True:
            self._wake.wait()
            if self._gather:
                gevent.with_timeout(self._gather, gevent.idle, timeout_value=None)
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            if not self._waiting:
                self._wake.clear()
            self._answer(batch)

    def _answer(self, batch: list[tuple[Item, "AsyncResult[Any]"]]) -> None:
        try:
            answers = self._work([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 - it belongs to those who asked, each of whom raises it
            for _, result in batch:
                result.set_exception(error)
            return
        for (_, result), answer in zip(batch, answers, strict=True):
            result.set(answer)


def lookups(find: Callable[[Sequence[Item]], Sequence[Answer]], most: int = LOOKUPS) -> Batcher[Item, Answer]:
    """For what is asked of the database whenever somebody comes, who may be one of a crowd."""
    return Batcher(find, most, WAITING_LOOKUPS, GATHER_SECONDS)
