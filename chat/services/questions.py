"""The questions that workers ask each other, said to all, and the lists on which they reply."""

import time
from typing import Any

from chat.services.air import Air, Hear

TOPIC = "orders"
REPLY_SECONDS = 10  # an answer that nobody fetched goes
WAIT_SECONDS = 1.0  # one wait on a connection, less than what Redis may take to answer


class Questions:
    """Every method but `hears` raises redis.RedisError while Redis is away."""

    def __init__(self, redis: Any, air: Air) -> None:
        self._redis = redis
        self._air = air

    def hears(self, hear: Hear) -> None:
        """What this worker does with a question."""
        self._air.hears(TOPIC, hear)

    def publish(self, question: bytes) -> None:
        self._air.say(TOPIC, question)

    def reply(self, number: str, said: bytes) -> None:
        pipeline = self._redis.pipeline()
        pipeline.rpush(_list(number), said)
        pipeline.expire(_list(number), REPLY_SECONDS)
        pipeline.execute()

    def next_reply(self, number: str, seconds: float) -> bytes | None:
        """None where none comes in that time."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            found = self._redis.blpop([_list(number)], timeout=min(left, WAIT_SECONDS))
            if found is not None:
                return bytes(found[1])
        return None


def _list(number: str) -> str:
    return f"chat:replies:{number}"
