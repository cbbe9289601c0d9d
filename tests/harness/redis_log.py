"""The log in Redis: one stream."""

from typing import Any

from redis import Redis

from chat.services.log_stream import STREAM


def log_ids(redis_url: str) -> list[int]:
    """The ids of its entries, in order."""
    with Redis.from_url(redis_url) as redis:
        entries: Any = redis.xrange(STREAM)
        return [int(entry_id.partition(b"-")[0]) for entry_id, _ in entries]
