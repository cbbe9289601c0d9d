"""Limits on failed sign-ins and wrong API keys, counted in Redis for all workers, and by this worker alone while Redis is away."""

import time

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter
from redis import Redis, RedisError

BY_NAME = RateLimitItemPerMinute(10, 10, namespace="sign-in-name")  # 10 in 10 minutes: a person who forgot gets through, a guesser does not
BY_ADDRESS = RateLimitItemPerMinute(100, 10, namespace="sign-in-address")  # an office of people behind one address
WRONG_KEYS = RateLimitItemPerMinute(20, 10, namespace="api-key-address")


class _RedisCounters(RedisStorage):
    """Its base would import Valkey's client too, if there is one: 0.2 s of each worker's start."""

    DEPENDENCIES = {"redis": RedisStorage.DEPENDENCIES["redis"]}  # noqa: RUF012 - as its base has it


class SignInLimit:
    """Counts an attempt before its password is verified, so that a burst of attempts is bounded too. A success takes its count back."""

    def __init__(self, redis: Redis, redis_url: str) -> None:
        self._shared = _RedisCounters(redis_url, connection_pool=redis.connection_pool, key_prefix="chat:limit")
        self._local = MemoryStorage()

    def attempt(self, name_key: str, address: str) -> float | None:
        """Counts an attempt. Returns the seconds to wait if there were too many, else None. A name that does not exist is treated alike."""
        try:
            return self._attempt(self._shared, name_key, address)
        except RedisError:
            return self._attempt(self._local, name_key, address)

    def succeeded(self, name_key: str, address: str) -> None:
        """Takes back the count of an attempt whose password was right."""
        try:
            self._uncount(self._shared, name_key, address)
        except RedisError:
            self._uncount(self._local, name_key, address)

    def _attempt(self, storage: Storage, name_key: str, address: str) -> float | None:
        waits = [_hit(storage, BY_ADDRESS, address), _hit(storage, BY_NAME, name_key)]
        return max((wait for wait in waits if wait is not None), default=None)

    def _uncount(self, storage: Storage, name_key: str, address: str) -> None:
        storage.clear(BY_NAME.key_for(name_key))
        storage.incr(BY_ADDRESS.key_for(address), BY_ADDRESS.get_expiry(), -1)


class ApiKeyLimit:
    """Counts wrong API keys by address. Right ones do not count: an operator who shares an address with a guesser must still get in."""

    def __init__(self, redis: Redis, redis_url: str) -> None:
        self._shared = _RedisCounters(redis_url, connection_pool=redis.connection_pool, key_prefix="chat:limit")
        self._local = MemoryStorage()

    def wrong(self, address: str) -> float | None:
        """Counts a wrong key. Returns the seconds to wait if there were too many, else None."""
        try:
            return _hit(self._shared, WRONG_KEYS, address)
        except RedisError:
            return _hit(self._local, WRONG_KEYS, address)


def _hit(storage: Storage, item: RateLimitItem, counted: str) -> float | None:
    limiter = FixedWindowRateLimiter(storage)
    if limiter.hit(item, counted):
        return None
    return max(1.0, limiter.get_window_stats(item, counted).reset_time - time.time())
