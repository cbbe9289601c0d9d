"""Redis pub/sub between the workers: a worker publishes to all workers, itself included, and gathers their replies.

Nothing is kept. One connection of each worker subscribes to all topics. Each Redis database has channels of its own, for Redis pub/sub
itself knows no databases: another service may use the next one."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from redis import ConnectionError as ConnectionLost

WAIT_SECONDS = 1.0  # one wait on a connection, less than the socket's timeout
PING_AFTER_SECONDS = 5.0  # of silence: to detect a connection that died without being closed
LOST_AFTER_SECONDS = 10.0
REPLY_SECONDS = 10  # a reply that nobody fetched expires

Handler = Callable[[bytes], object]  # runs at once: the next message waits for it


class PubSub:
    """`publish` and `listen` raise redis.RedisError while Redis is away."""

    def __init__(self, redis: Any, listener: Any) -> None:
        self._redis = redis
        self._listener = listener  # a client whose only connection listens
        self._database = redis.connection_pool.connection_kwargs.get("db") or 0
        self._handlers: dict[bytes, Handler] = {}

    def publish(self, topic: str, message: bytes) -> None:
        self._redis.publish(self._channel(topic), message)

    def subscribe(self, topic: str, handler: Handler) -> None:
        """Has this worker handle the messages of a topic. Call it before `listen`."""
        self._handlers[self._channel(topic)] = handler

    def listen(self) -> None:
        """Hands messages to their handlers until the connection is lost."""
        subscription = self._listener.pubsub()
        try:
            subscription.subscribe(*self._handlers)
            for channel, message in _messages(subscription):
                self._handlers[channel](message)
        finally:
            subscription.close()

    def _channel(self, topic: str) -> bytes:
        return f"chat:{topic}:{self._database}".encode()


class Replies:
    """The replies to a published call: a list in Redis for each call. Every method raises redis.RedisError while Redis is away."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis

    def push(self, call_id: str, reply: bytes) -> None:
        pipeline = self._redis.pipeline()
        pipeline.rpush(_list(call_id), reply)
        pipeline.expire(_list(call_id), REPLY_SECONDS)
        pipeline.execute()

    def next(self, call_id: str, seconds: float) -> bytes | None:
        """Waits for the next reply; returns None if none comes in that time."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            entry = self._redis.blpop([_list(call_id)], timeout=min(left, WAIT_SECONDS))
            if entry is not None:
                return bytes(entry[1])
        return None


def _messages(subscription: Any) -> Iterator[tuple[bytes, bytes]]:
    last = time.monotonic()
    pinged = False
    while time.monotonic() - last < LOST_AFTER_SECONDS:
        message = subscription.get_message(timeout=WAIT_SECONDS)
        if message is not None:
            last, pinged = time.monotonic(), False
            if message["type"] == "message":
                yield bytes(message["channel"]), bytes(message["data"])
        elif not pinged and time.monotonic() - last > PING_AFTER_SECONDS:
            subscription.ping()
            pinged = True
    raise ConnectionLost("Redis has not answered a ping")


def _list(call_id: str) -> str:
    return f"chat:replies:{call_id}"
