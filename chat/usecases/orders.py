"""Questions and orders to all workers, over Redis pub/sub: each replies for itself, and the asker gathers what comes in time.

While Redis is away only this worker answers. What goes over it is read by every worker: no token and no secret."""

import json
import logging
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import gevent
from redis import RedisError

from chat.services.leases import Leases
from chat.services.questions import Questions

logger = logging.getLogger(__name__)

ANSWER_SECONDS = 2.0  # a worker that has not replied by then is busy, or was killed

Replier = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """What one worker says: anything that is JSON."""

    worker: str
    pid: int
    host: str
    answer: Any


@dataclass(frozen=True, slots=True)
class Asked:
    """whole: every worker that is known to live has replied."""

    replies: list[Reply]
    whole: bool


class Orders:
    def __init__(self, questions: Questions, leases: Leases) -> None:
        self._questions = questions
        self._leases = leases
        self._repliers: dict[str, Replier] = {}
        questions.hears(lambda said: gevent.spawn(self._reply, json.loads(said)))

    def answers(self, question: str, replier: Replier) -> None:
        """What this worker says when it is asked. It gets the question's argument, and answers soon."""
        self._repliers[question] = replier

    def ask(self, question: str, argument: Any = None) -> Asked:
        """Asks every worker, this one too."""
        try:
            others = self._leases.delivered().keys() - {self._leases.worker}
            asked = self._ask_others(question, argument, others) if others else []
        except RedisError as error:
            logger.warning("only this worker is asked %r: %s", question, error)
            return Asked([self._own(question, argument)], whole=False)
        return Asked([self._own(question, argument), *asked], whole={reply.worker for reply in asked} >= others)

    def _ask_others(self, question: str, argument: Any, expected: set[str]) -> list[Reply]:
        """Raises redis.RedisError."""
        number, deadline = uuid4().hex, time.monotonic() + ANSWER_SECONDS
        asked = {"number": number, "question": question, "argument": argument, "asker": self._leases.worker}
        self._questions.publish(json.dumps(asked).encode())
        replies: list[Reply] = []
        while not expected <= {reply.worker for reply in replies}:
            said = self._questions.next_reply(number, deadline - time.monotonic())
            if said is None:
                break
            replies.append(Reply(**json.loads(said)))
        return replies

    def _own(self, question: str, argument: Any) -> Reply:
        return Reply(self._leases.worker, os.getpid(), socket.gethostname(), self._repliers[question](argument))

    def _reply(self, asked: dict[str, Any]) -> None:
        if asked["asker"] == self._leases.worker or asked["question"] not in self._repliers:
            return
        reply = self._own(asked["question"], asked["argument"])
        said = {"worker": reply.worker, "pid": reply.pid, "host": reply.host, "answer": reply.answer}
        try:
            self._questions.reply(asked["number"], json.dumps(said).encode())
        except RedisError as error:
            logger.warning("a reply was lost: %s", error)
