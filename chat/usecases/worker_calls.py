"""Calls to all workers over Redis pub/sub: each worker replies for itself, and the caller gathers the replies that come in time.

While Redis is away only this worker replies. Every worker reads what is published: it holds no token and no secret."""

import json
import logging
import os
import socket
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any
from uuid import uuid4

import gevent
from redis import RedisError

from chat.services.leases import Leases
from chat.services.pubsub import PubSub, Replies

logger = logging.getLogger(__name__)

TOPIC = "orders"  # as earlier versions name it: during a deploy workers of both versions run
REPLY_SECONDS = 2.0  # a worker that has not replied by then is busy, or was killed

Method = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer of one worker: any value that JSON can hold."""

    worker: str
    pid: int
    host: str
    answer: Any


@dataclass(frozen=True, slots=True)
class Gathered:
    """whole: every worker that is known to live has replied."""

    replies: list[Reply]
    whole: bool


class WorkerCalls:
    def __init__(self, pubsub: PubSub, replies: Replies, leases: Leases) -> None:
        self._pubsub = pubsub
        self._replies = replies
        self._leases = leases
        self._methods: dict[str, Method] = {}
        pubsub.subscribe(TOPIC, lambda message: gevent.spawn(self._reply, json.loads(message)))

    def register(self, name: str, method: Method) -> None:
        """Has this worker answer calls of this name. The method gets the call's argument, and returns soon."""
        self._methods[name] = method

    def call(self, name: str, argument: Any = None) -> Gathered:
        """Calls every worker, this one too."""
        try:
            others = self._leases.delivered().keys() - {self._leases.worker}
            replies = self._call_others(name, argument, others) if others else []
        except RedisError as error:
            logger.warning("only this worker answers the call %r: %s", name, error)
            return Gathered([self._own(name, argument)], whole=False)
        return Gathered([self._own(name, argument), *replies], whole={reply.worker for reply in replies} >= others)

    def _call_others(self, name: str, argument: Any, expected: set[str]) -> list[Reply]:
        """Raises redis.RedisError."""
        call_id, deadline = uuid4().hex, time.monotonic() + REPLY_SECONDS
        call = {"number": call_id, "question": name, "argument": argument, "asker": self._leases.worker}
        self._pubsub.publish(TOPIC, json.dumps(call).encode())
        replies: list[Reply] = []
        while not expected <= {reply.worker for reply in replies}:
            reply = self._replies.next(call_id, deadline - time.monotonic())
            if reply is None:
                break
            replies.append(Reply(**json.loads(reply)))
        return replies

    def _own(self, name: str, argument: Any) -> Reply:
        return Reply(self._leases.worker, os.getpid(), socket.gethostname(), self._methods[name](argument))

    def _reply(self, call: dict[str, Any]) -> None:
        """The field names stay as earlier versions wrote them: workers of two versions run side by side during a deploy."""
        if call["asker"] == self._leases.worker or call["question"] not in self._methods:
            return
        reply = self._own(call["question"], call["argument"])
        try:
            self._replies.push(call["number"], json.dumps(asdict(reply)).encode())
        except RedisError as error:
            logger.warning("a reply was lost: %s", error)
