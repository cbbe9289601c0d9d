"""How many subscriptions each room has on each worker: a lease a worker with a time limit, so that a killed one counts for nothing soon."""

import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

LEASE_SECONDS = 10.0  # how long a killed worker's streams are still counted
WORKERS = "chat:workers"


class Leases:
    """Every method raises redis.RedisError while Redis is away."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis
        self.worker = uuid4().hex[:12]

    def write(self, counts: Mapping[int, int], whole: bool) -> None:
        """Says how many subscriptions rooms have here: of all rooms, or of those that changed. Renews the lease."""
        pipeline: Any = self._redis.pipeline()
        if whole:
            pipeline.delete(_key(self.worker))
        gone = [room for room, count in counts.items() if not count]
        here = {room: count for room, count in counts.items() if count}
        if gone:
            pipeline.hdel(_key(self.worker), *gone)
        if here:
            pipeline.hset(_key(self.worker), mapping=here)
        pipeline.pexpire(_key(self.worker), int(LEASE_SECONDS * 1000))
        pipeline.zadd(WORKERS, {self.worker: time.time() + LEASE_SECONDS})
        pipeline.zremrangebyscore(WORKERS, "-inf", time.time())
        pipeline.execute()

    def elsewhere(self, rooms: Sequence[int]) -> list[int]:
        """The subscriptions that each of the rooms has on the other workers."""
        live = self._redis.zrangebyscore(WORKERS, time.time(), "+inf")
        others = [worker.decode() for worker in live if worker.decode() != self.worker]
        if not others or not rooms:
            return [0] * len(rooms)
        pipeline: Any = self._redis.pipeline(transaction=False)
        for worker in others:
            pipeline.hmget(_key(worker), rooms)
        return [sum(int(count or 0) for count in counts) for counts in zip(*pipeline.execute(), strict=True)]

    def release(self) -> None:
        """This worker stops."""
        self._redis.zrem(WORKERS, self.worker)
        self._redis.delete(_key(self.worker))


def _key(worker: str) -> str:
    return f"chat:connections:{worker}"
