"""The sampler: takes a sample of the worker each second, for its metrics and for the operator's plots. No event waits for it."""

import logging
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import gevent
from redis import RedisError
from sqlalchemy import Engine
from sqlalchemy.pool import QueuePool

from chat.domain.close_reason import CloseReason
from chat.domain.sample import Sample, percentile
from chat.live.epoll import EpollSet
from chat.live.fanout import turns
from chat.live.hub import Hub
from chat.live.subscriber import Subscriber
from chat.services import metrics
from chat.services.delivery_delays import DeliveryDelays
from chat.services.sample_history import KEPT_SECONDS, SampleHistory

logger = logging.getLogger(__name__)

RETRY_SECONDS = 5.0  # after Redis did not answer: a wait for it each second would delay the samples


class Sampler:
    def __init__(self, hub: Hub, epoll: EpollSet, engine: Engine, delays: DeliveryDelays, history: SampleHistory) -> None:
        self._hub = hub
        self._epoll = epoll
        self._engine = engine
        self._delays = delays
        self._history = history
        self._posts = 0
        self._deliveries = 0
        self._closings: Counter[CloseReason] = Counter()
        self._since = 0.0
        self._next_write = 0.0

    def start(self) -> None:
        self._since = time.monotonic()
        gevent.spawn(self._run)

    def by_worker(self, seconds: int = KEPT_SECONDS) -> Mapping[str, Sequence[Sample]]:
        """The newest samples of all workers, oldest first; of this one alone while Redis is away."""
        seconds = min(seconds or KEPT_SECONDS, KEPT_SECONDS)
        try:
            return self._history.read(seconds)
        except RedisError:
            return self._history.own(seconds)

    def _run(self) -> None:
        while True:
            gevent.sleep(1.5 - (time.time() + 0.5) % 1.0)  # on the second, so that the workers' samples lie side by side
            self._take(round(time.time()))
            self._write()

    def _take(self, at: int) -> None:
        backlog = backlog_bytes(self._hub.subscribers)
        self._history.add(self._sample(at, backlog))
        self._set_metrics(backlog)

    def _sample(self, at: int, backlog: int) -> Sample:
        """The rates since the last sample."""
        now = time.monotonic()
        seconds, self._since = now - self._since, now
        delays = self._delays.take()
        return Sample(
            at=at,
            streams=len(self._hub.subscribers),
            posts=round((self._delays.posts - self._posts) / seconds, 1),
            deliveries=round((self._hub.fanout.deliveries - self._deliveries) / seconds, 1),
            delay_p50=_milliseconds(percentile(delays, 0.5)),
            delay_p95=_milliseconds(percentile(delays, 0.95)),
            backlog=backlog,
        )

    def _set_metrics(self, backlog: int) -> None:
        metrics.STREAMS.set(len(self._hub.subscribers))
        metrics.SOCKETS.set(len(self._epoll))
        metrics.TAIL.set(len(self._hub.tail))
        metrics.BACKLOG.set(backlog)
        if isinstance(self._engine.pool, QueuePool):
            metrics.POOL.set(self._engine.pool.checkedout())
        metrics.DELIVERIES.inc(self._hub.fanout.deliveries - self._deliveries)
        self._deliveries = self._hub.fanout.deliveries
        self._posts = self._delays.posts
        for reason, count in self._hub.closings.items():
            metrics.CLOSINGS.labels(reason).inc(count - self._closings[reason])
        self._closings = self._hub.closings.copy()

    def _write(self) -> None:
        if time.monotonic() < self._next_write:
            return
        try:
            self._history.write()
        except RedisError as error:
            logger.debug("samples are kept here until Redis is back: %s", error)
            self._next_write = time.monotonic() + RETRY_SECONDS


def backlog_bytes(subscribers: Iterable[Subscriber]) -> int:
    """Of all subscribers. They may be twenty thousand: other greenlets run in between."""
    return sum(subscriber.backlog for turn in turns(subscribers) for subscriber in turn)


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 2)
