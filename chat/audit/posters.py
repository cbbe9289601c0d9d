"""Posters repeat each post with its idempotency key until it is answered. The answers are later compared with the record."""

import asyncio
import json
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from chat.audit.connection import Address, Connection, Response
from chat.audit.exchange import Exchange

ANSWER_SECONDS = 6.0
SHOWN_BYTES = 300


@dataclass
class Post:
    """One message. Its text is unique, and its idempotency key is made of it. Times are those of time.monotonic."""

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
class Targets:
    """Where a poster posts to. pause: mean seconds between two posts; retry_seconds: before a failed post is repeated."""

    rooms: Sequence[str]
    people: Sequence[str]
    direct_share: float
    pause: float
    retry_seconds: float = 0.05


class Poster:
    """Posts to random rooms and people until it is stopped, each post after the one before was answered."""

    def __init__(self, name: str, token: str, targets: Targets, rng: random.Random, connection: Connection) -> None:
        self.name = name
        self.posts: list[Post] = []
        self.surprises: list[str] = []
        self.repeats = 0
        self._stopped = asyncio.Event()
        self._token = token
        self._targets = targets
        self._random = rng
        self._connection = connection

    @property
    def acknowledged(self) -> list[tuple[int, str]]:
        return [(post.id, post.text) for post in self.posts if post.id is not None]

    def stop(self) -> None:
        self._stopped.set()

    async def run(self) -> None:
        """The pause counts from when the last post was due, so that the time to post does not lower the rate."""
        due = monotonic()
        try:
            while not self._stopped.is_set():
                await self._post_until_answered(self._next())
                due = max(monotonic(), due + self._random.expovariate(1 / self._targets.pause))
                with suppress(TimeoutError):
                    async with asyncio.timeout(due - monotonic()):
                        await self._stopped.wait()
        finally:
            self._connection.abort()

    def _next(self) -> Post:
        paths = self._targets.people if self._random.random() < self._targets.direct_share else self._targets.rooms
        post = Post(self._random.choice(paths), f"{self.name} says {len(self.posts)}")
        self.posts.append(post)
        return post

    async def _post_until_answered(self, post: Post) -> None:
        while True:
            response = await self._send(post)
            if response.status in {200, 201} and (message := _message_id(response.body)) is not None:
                post.id, post.answered = message, monotonic()
                return
            if response.status is not None and response.status < 500:
                self.surprises.append(f"{self.name}: {post.path} {response.status} {response.body[:SHOWN_BYTES]!r}")
                return
            self.repeats += 1
            await asyncio.sleep(self._targets.retry_seconds)

    async def _send(self, post: Post) -> Response:
        """The commit may have happened although no response came: the key makes the next attempt harmless."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._connection.connect()
                post.sent = post.sent or monotonic()
                return await self._connection.request(post.exchange(self._connection.address, self._token))
        except OSError:
            return Response(None, b"")


def _message_id(body: bytes) -> int | None:
    """Returns the id of the new message, None if something else than the service answered."""
    try:
        return int(json.loads(body)["id"])
    except (ValueError, TypeError, KeyError):
        return None
