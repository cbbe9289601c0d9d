"""What a worker says to all workers at once, itself too, over Redis pub/sub; one connection of each worker hears all topics.

Nothing of it is kept. Each Redis database has channels of its own, for pub/sub itself knows no databases: another service may use
the next one."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from redis import ConnectionError as ConnectionLost

WAIT_SECONDS = 1.0  # one wait on a connection, less than what Redis may take to answer
PING_AFTER_SECONDS = 5.0  # of silence: a connection that died without a word is found out
LOST_AFTER_SECONDS = 10.0

Hear = Callable[[bytes], object]  # what is done with a message, at once: the next one waits for it


class Air:
    """Saying and listening raise redis.RedisError while Redis is away."""

    def __init__(self, redis: Any, listener: Any) -> None:
        self._redis = redis
        self._listener = listener  # its connection listens, and does nothing else
        self._database = redis.connection_pool.connection_kwargs.get("db") or 0
        self._hears: dict[bytes, Hear] = {}

    def hears(self, topic: str, hear: Hear) -> None:
        """What this worker does with what is said of a topic; before it listens."""
        self._hears[self._channel(topic)] = hear

    def say(self, topic: str, said: bytes) -> None:
        self._redis.publish(self._channel(topic), said)

    def listen(self) -> None:
        """Hears what is said, as it comes, until the connection is lost."""
        listening = self._listener.pubsub()
        try:
            listening.subscribe(*self._hears)
            for channel, said in _messages(listening):
                self._hears[channel](said)
        finally:
            listening.close()

    def _channel(self, topic: str) -> bytes:
        return f"chat:{topic}:{self._database}".encode()


def _messages(listening: Any) -> Iterator[tuple[bytes, bytes]]:
    heard = time.monotonic()
    pinged = False
    while time.monotonic() - heard < LOST_AFTER_SECONDS:
        message = listening.get_message(timeout=WAIT_SECONDS)
        if message is not None:
            heard, pinged = time.monotonic(), False
            if message["type"] == "message":
                yield bytes(message["channel"]), bytes(message["data"])
        elif not pinged and time.monotonic() - heard > PING_AFTER_SECONDS:
            listening.ping()
            pinged = True
    raise ConnectionLost("Redis has not answered a ping")
