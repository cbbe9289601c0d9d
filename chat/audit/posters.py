"""Posters that repeat each post, with its key, until it is answered: what they were told is held against the record."""

import asyncio
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

from chat.audit.connection import Address, Answer, Line
from chat.audit.wire import Exchange

ANSWER_SECONDS = 6.0
SHOWN_BYTES = 300


@dataclass
class Post:
    """One message on its way; the text is like no other's, and its key is made of it. Times as time.monotonic has them."""

    path: str
    text: str
    sent: float = 0.0
    answered: float = 0.0
    id: int | None = None

    def exchange(self, address: Address, token: str) -> Exchange:
        headers = {
            "Host": address.host,
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": self.text.replace(" ", "-"),
        }
        return Exchange("POST", address.base + self.path, headers, json.dumps({"text": self.text}).encode())


@dataclass(frozen=True)
class Round:
    """Where a poster posts to, and how often: mean seconds between two posts, and before the next try of one that failed."""

    rooms: Sequence[str]
    people: Sequence[str]
    direct_share: float
    pause: float
    again: float = 0.05


class Poster:
    """Posts to random rooms and people until told to stop, each post after the one before was answered."""

    def __init__(self, name: str, token: str, places: Round, chance: random.Random, line: Line) -> None:
        self.name = name
        self.posts: list[Post] = []
        self.surprises: list[str] = []
        self.repeats = 0
        self._stopped = asyncio.Event()
        self._token = token
        self._places = places
        self._random = chance
        self._line = line

    @property
    def acknowledged(self) -> list[tuple[int, str]]:
        return [(post.id, post.text) for post in self.posts if post.id is not None]

    def stop(self) -> None:
        self._stopped.set()

    async def run(self) -> None:
        """A post is due when the pause since the last one was due is over: its own way does not slow the rate down."""
        due = monotonic()
        try:
            while not self._stopped.is_set():
                await self._insist(self._next())
                due = max(monotonic(), due + self._random.expovariate(1 / self._places.pause))
                await self._rest(due - monotonic())
        finally:
            self._line.drop()

    def _next(self) -> Post:
        paths = self._places.people if self._random.random() < self._places.direct_share else self._places.rooms
        post = Post(self._random.choice(paths), f"{self.name} says {len(self.posts)}")
        self.posts.append(post)
        return post

    async def _insist(self, post: Post) -> None:
        while True:
            answer = await self._attempt(post)
            if answer.status in {200, 201} and (message := _id_in(answer.body)) is not None:
                post.id, post.answered = message, monotonic()
                return
            if answer.status is not None and answer.status < 500:
                self.surprises.append(f"{self.name}: {post.path} {answer.status} {answer.body[:SHOWN_BYTES]!r}")
                return
            self.repeats += 1
            await asyncio.sleep(self._places.again)

    async def _attempt(self, post: Post) -> Answer:
        """The commit may have happened although no answer came: the key makes the next attempt harmless."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._line.ready()
                post.sent = post.sent or monotonic()
                return await self._line.ask(post.exchange(self._line.address, self._token))
        except OSError:
            return Answer(None, b"")

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopped.wait()
        except TimeoutError:
            return


def _id_in(body: bytes) -> int | None:
    """Of the message that was made; None where something else answered."""
    try:
        return int(json.loads(body)["id"])
    except (ValueError, TypeError, KeyError):
        return None
