"""The sample history: the newest minutes of every worker's samples, in Redis, so that each worker can show all of them.

Each worker has a list, newest first, that expires. Losing it loses five minutes of plots and nothing else."""

from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Any

from chat.domain.sample import Sample, decode_samples, encode_sample

KEPT_SECONDS = 300
WORKERS = "chat:figures"


class SampleHistory:
    """This worker's samples in memory, and those of all workers in Redis. Samples of a time without Redis are written later."""

    def __init__(self, redis: Any, worker: Callable[[], str]) -> None:
        self._redis = redis
        self._worker = worker
        self._own: deque[Sample] = deque(maxlen=KEPT_SECONDS)
        self._unwritten: deque[Sample] = deque(maxlen=KEPT_SECONDS)

    def add(self, sample: Sample) -> None:
        self._own.append(sample)
        self._unwritten.append(sample)

    def write(self) -> None:
        """Writes the new samples in one round trip. Raises redis.RedisError."""
        new = list(self._unwritten)
        worker = self._worker()
        pipeline: Any = self._redis.pipeline()
        pipeline.lpush(_key(worker), *map(encode_sample, new))
        pipeline.ltrim(_key(worker), 0, KEPT_SECONDS - 1)
        pipeline.expire(_key(worker), KEPT_SECONDS)
        pipeline.sadd(WORKERS, worker)
        pipeline.expire(WORKERS, KEPT_SECONDS)
        pipeline.execute()
        for _ in new:
            self._unwritten.popleft()

    def read(self, seconds: int) -> dict[str, list[Sample]]:
        """The newest samples, of so many seconds, by worker. Raises redis.RedisError."""
        workers = sorted(worker.decode() for worker in self._redis.smembers(WORKERS))
        pipeline: Any = self._redis.pipeline(transaction=False)
        for worker in workers:
            pipeline.lrange(_key(worker), 0, seconds - 1)
        entries_of = dict(zip(workers, pipeline.execute(), strict=True))
        gone = [worker for worker, entries in entries_of.items() if not entries]
        if gone:
            self._redis.srem(WORKERS, *gone)
        return {worker: decode_samples(entries) for worker, entries in entries_of.items() if entries}

    def own(self, seconds: int) -> dict[str, list[Sample]]:
        """This worker's samples, for a time without Redis."""
        return {self._worker(): list(islice(reversed(self._own), seconds))[::-1]}


def _key(worker: str) -> str:
    return f"chat:figures:{worker}"
