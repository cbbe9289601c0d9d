"""The newest minutes of every worker's figures, in Redis, so that each worker can show all of them.

A list a worker, newest first, that expires with what it tells of; nothing here is ever the truth about anything."""

from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Any

from chat.domain.sample import Sample, decode_samples, encode_sample

KEPT_SECONDS = 300
WORKERS = "chat:figures"


class SampleHistory:
    """This worker's samples in memory, and everybody's in Redis. What Redis was not told while it was away it is told later."""

    def __init__(self, redis: Any, worker: Callable[[], str]) -> None:
        self._redis = redis
        self._worker = worker
        self._own: deque[Sample] = deque(maxlen=KEPT_SECONDS)
        self._untold: deque[Sample] = deque(maxlen=KEPT_SECONDS)

    def add(self, sample: Sample) -> None:
        self._own.append(sample)
        self._untold.append(sample)

    def tell(self) -> None:
        """Writes what is new, in one round trip. Raises redis.RedisError."""
        telling = list(self._untold)
        worker = self._worker()
        pipeline: Any = self._redis.pipeline()
        pipeline.lpush(_key(worker), *map(encode_sample, telling))
        pipeline.ltrim(_key(worker), 0, KEPT_SECONDS - 1)
        pipeline.expire(_key(worker), KEPT_SECONDS)
        pipeline.sadd(WORKERS, worker)
        pipeline.expire(WORKERS, KEPT_SECONDS)
        pipeline.execute()
        for _ in telling:
            self._untold.popleft()

    def read(self, seconds: int) -> dict[str, list[Sample]]:
        """So many seconds' newest samples, by worker. Raises redis.RedisError."""
        workers = sorted(worker.decode() for worker in self._redis.smembers(WORKERS))
        pipeline: Any = self._redis.pipeline(transaction=False)
        for worker in workers:
            pipeline.lrange(_key(worker), 0, seconds - 1)
        found = dict(zip(workers, pipeline.execute(), strict=True))
        gone = [worker for worker, entries in found.items() if not entries]
        if gone:
            self._redis.srem(WORKERS, *gone)
        return {worker: decode_samples(entries) for worker, entries in found.items() if entries}

    def remembered(self, seconds: int) -> dict[str, list[Sample]]:
        """This worker's alone, while Redis is away."""
        return {self._worker(): list(islice(reversed(self._own), seconds))[::-1]}


def _key(worker: str) -> str:
    return f"chat:figures:{worker}"
