"""Posters that repeat each post, with its key, until it is answered: what they were told is held against the record."""

import asyncio
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass

from tests.harness.wire import Exchange
from tests.torture.connection import HOST, Answer, ask
from tests.torture.plan import Plan

ANSWER_SECONDS = 6.0
AFTER_FAILURE_SECONDS = 0.05


@dataclass(frozen=True)
class Post:
    """One message on its way; the text is like no other's, and its key is made of it."""

    path: str
    text: str
    token: str

    def exchange(self) -> Exchange:
        headers = {
            "Host": HOST,
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": self.text.replace(" ", "-"),
        }
        return Exchange("POST", self.path, headers, json.dumps({"text": self.text}).encode())


class Poster:
    """Posts to random rooms and people until told to stop, each post after the one before was answered."""

    def __init__(self, name: str, token: str, rooms: Sequence[str], people: Sequence[str], plan: Plan) -> None:
        self.name = name
        self.acknowledged: list[tuple[int, str]] = []
        self.surprises: list[str] = []
        self.repeats = 0
        self.stopped = False
        self._token = token
        self._rooms = rooms
        self._people = people
        self._direct_share = plan.direct_share
        self._pause = plan.posting_pause
        self._random: random.Random = plan.random(name)

    async def run(self, port: int) -> None:
        while not self.stopped:
            number = len(self.acknowledged) + len(self.surprises)
            paths = self._people if self._random.random() < self._direct_share else self._rooms
            await self._insist(port, Post(self._random.choice(paths), f"{self.name} says {number}", self._token))
            await asyncio.sleep(self._random.expovariate(1 / self._pause))

    async def _insist(self, port: int, post: Post) -> None:
        while True:
            answer = await _attempt(port, post)
            if answer.status in (200, 201):
                return self.acknowledged.append((json.loads(answer.body)["id"], post.text))
            if answer.status is not None and answer.status < 500:
                return self.surprises.append(f"{self.name}: {post.path} {answer.status} {answer.body[:300]!r}")
            self.repeats += 1
            await asyncio.sleep(AFTER_FAILURE_SECONDS)


async def _attempt(port: int, post: Post) -> Answer:
    """The commit may have happened although no answer came: the key makes the next attempt harmless."""
    try:
        return await asyncio.wait_for(ask(port, post.exchange()), ANSWER_SECONDS)
    except (OSError, TimeoutError):
        return Answer(None, b"")
