"""The batcher: one greenlet does the work of many greenlets together. Group commit, and the lookups of a crowd in one query.

Bounded: past its limit a request is refused, not queued."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, cast

import gevent
from gevent.event import AsyncResult, Event

from chat.domain.refusals import Busy

Item = TypeVar("Item")
Result = TypeVar("Result")

LOOKUPS = 500  # in one query
WAITING_LOOKUPS = 20_000  # a crowd that comes back at once
GATHER_SECONDS = 0.02  # 10 ms make smaller batches, 40 ms hardly larger ones (docs/figures.md)


class Batcher(Generic[Item, Result]):
    """Calls `work` with all items that wait, at most `most` at a time. It returns a result for each, in their order, or raises for all.

    gather: for so many seconds a busy worker does other things first, so that more items of a crowd are in the batch. An idle worker
    takes them at once."""

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Result]], most: int, waiting: int, gather: float = 0.0) -> None:
        self._work = work
        self._most = most
        self._limit = waiting
        self._gather = gather
        self._waiting: list[tuple[Item, AsyncResult[Any]]] = []
        self._wake = Event()
        self._worker: gevent.Greenlet[[], None] | None = None

    def ask(self, item: Item) -> Result:
        """Waits for the item's result. Raises Busy, or what the work raised."""
        if len(self._waiting) >= self._limit:
            raise Busy
        result: AsyncResult[Any] = AsyncResult()
        self._waiting.append((item, result))
        self._wake.set()
        if self._worker is None or self._worker.dead:
            self._worker = gevent.spawn(self._run)
        try:
            value: Any = result.get()
        except BaseException:
            self._waiting = [waiting for waiting in self._waiting if waiting[1] is not result]  # who gave up asks for nothing any more
            raise
        return cast(Result, value)

    def _run(self) -> None:
        while True:
            self._wake.wait()
            if self._gather:
                gevent.with_timeout(self._gather, gevent.idle, timeout_value=None)
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            if not self._waiting:
                self._wake.clear()
            self._work_on(batch)

    def _work_on(self, batch: list[tuple[Item, "AsyncResult[Any]"]]) -> None:
        try:
            values = self._work([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 - each of the callers raises it
            for _, result in batch:
                result.set_exception(error)
            return
        for (_, result), value in zip(batch, values, strict=True):
            result.set(value)


def lookups(find: Callable[[Sequence[Item]], Sequence[Result]], most: int = LOOKUPS) -> Batcher[Item, Result]:
    """A batcher for a query that each arriving client needs, and that may be one of a crowd."""
    return Batcher(find, most, WAITING_LOOKUPS, GATHER_SECONDS)
