"""Carries the worker's counts over to its metrics once a second: nothing on the way of an event waits for a figure."""

import gevent
from sqlalchemy import Engine
from sqlalchemy.pool import QueuePool

from chat.live.hub import Hub
from chat.live.watch import Watch
from chat.services import metrics

EVERY_SECONDS = 1.0


class Figures:
    def __init__(self, hub: Hub, watch: Watch, engine: Engine) -> None:
        self._hub = hub
        self._watch = watch
        self._engine = engine
        self._deliveries = 0
        self._closings: dict[str, int] = {}

    def start(self) -> None:
        gevent.spawn(self._run)

    def _run(self) -> None:
        while True:
            self._carry_over()
            gevent.sleep(EVERY_SECONDS)

    def _carry_over(self) -> None:
        metrics.STREAMS.set(len(self._hub.subscribers))
        metrics.SOCKETS.set(len(self._watch))
        metrics.TAIL.set(len(self._hub.tail))
        if isinstance(self._engine.pool, QueuePool):
            metrics.POOL.set(self._engine.pool.checkedout())
        metrics.DELIVERIES.inc(self._hub.fanout.deliveries - self._deliveries)
        self._deliveries = self._hub.fanout.deliveries
        for reason, count in self._hub.closings.items():
            metrics.CLOSINGS.labels(reason).inc(count - self._closings.get(reason, 0))
        self._closings = dict(self._hub.closings)
