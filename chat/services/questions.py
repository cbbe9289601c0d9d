"""The channel on which workers ask each other, and the lists on which they reply.

Each Redis database has a channel of its own, for pub/sub itself knows no databases: another service may use the next one."""

import time
from collections.abc import Iterator
from typing import Any

from redis import ConnectionError as ConnectionLost

REPLY_SECONDS = 10  # an answer that nobody fetched goes
WAIT_SECONDS = 1.0  # one wait on a connection, less than what Redis may take to answer
PING_AFTER_SECONDS = 5.0  # of silence: a connection that died without a word is found out
LOST_AFTER_SECONDS = 10.0


class Questions:
    """Every method raises redis.RedisError while Redis is away."""

    def __init__(self, redis: Any, listener: Any) -> None:
        self._redis = redis
        self._listener = listener  # its connection listens, and does nothing else
        self._channel = f"chat:orders:{redis.connection_pool.connection_kwargs.get('db') or 0}"

    def publish(self, question: bytes) -> None:
        self._redis.publish(self._channel, question)

    def heard(self) -> Iterator[bytes]:
        """The questions, as they come, until the connection is lost."""
        listening = self._listener.pubsub()
        try:
            listening.subscribe(self._channel)
            yield from _messages(listening)
        finally:
            listening.close()

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


def _messages(listening: Any) -> Iterator[bytes]:
    heard = time.monotonic()
    pinged = False
    while time.monotonic() - heard < LOST_AFTER_SECONDS:
        message = listening.get_message(timeout=WAIT_SECONDS)
        if message is not None:
            heard, pinged = time.monotonic(), False
            if message["type"] == "message":
                yield bytes(message["data"])
        elif not pinged and time.monotonic() - heard > PING_AFTER_SECONDS:
            listening.ping()
            pinged = True
    raise ConnectionLost("Redis has not answered a ping")


def _list(number: str) -> str:
    return f"chat:replies:{number}"
