"""A worker as Redis sees it: its lease is alive, and it has delivered up to some event."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis

from chat.services.leases import LEASE_SECONDS, Leases


class LaggingWorker:
    """Renews its lease like every worker, however slow the test is."""

    def __init__(self, leases: Leases, delivered: int) -> None:
        self._leases = leases
        self._delivered = delivered
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def advance(self, delivered: int) -> None:
        self._delivered = delivered

    def _run(self) -> None:
        while not self._over.is_set():
            self._leases.renew(self._delivered, {}, whole=False)
            self._over.wait(LEASE_SECONDS / 20)

    def start(self) -> None:
        self._leases.renew(self._delivered, {}, whole=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()
        self._leases.release()


@contextmanager
def lagging_worker(redis_url: str, delivered: int) -> Iterator[LaggingWorker]:
    with Redis.from_url(redis_url) as redis:
        one = LaggingWorker(Leases(redis), delivered)
        one.start()
        try:
            yield one
        finally:
            one.stop()
