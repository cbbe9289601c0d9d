"""Posters: with a key they send each post again until it is accepted, without one they send each once. Every answer is kept."""

import asyncio
import json

from chat.audit.connection import Address
from faults.client import Person, Reply, ask, request
from faults.evidence import Attempt, Post

ANSWER_SECONDS = 35.0  # longer than the service may take: it is the service's deadline that is measured, not the client's
AGAIN_SECONDS = 0.25
SHOWN_BYTES = 200


class Poster:
    """Posts to its room with pauses, until it is stopped."""

    def __init__(self, name: str, person: Person, room: int, address: Address, pause: float, *, keyed: bool, padding: int = 0) -> None:
        self.name = name
        self.posts: list[Post] = []
        self._person = person
        self._room = room
        self._address = address
        self._pause = pause
        self._keyed = keyed
        self._padding = "x" * padding
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        self._stopped.set()

    async def run(self) -> None:
        while not self._stopped.is_set():
            await self._insist(self._next())
            await self._rest(self._pause)

    def answered_since(self, moment: float) -> bool:
        """Whether an attempt that began after then was accepted, and none after that failed."""
        attempts = [attempt for post in self.posts[-3:] for attempt in post.attempts if attempt.begun >= moment]
        return bool(attempts) and attempts[-1].accepted

    def _next(self) -> Post:
        text = f"{self.name} says {len(self.posts)} {self._padding}".rstrip()
        post = Post(text, self._room, f"{self.name}-{len(self.posts)}" if self._keyed else None)
        self.posts.append(post)
        return post

    async def _insist(self, post: Post) -> None:
        """A post that is under way when the poster is stopped is sent until it is accepted, too: its caller has a deadline."""
        while True:
            attempt = _attempt(await self._send(post))
            post.attempts.append(attempt)
            if attempt.accepted or not self._keyed:
                return
            await asyncio.sleep(AGAIN_SECONDS)

    async def _send(self, post: Post) -> Reply:
        key = {"Idempotency-Key": post.key} if post.key else {}
        body = json.dumps({"text": post.text}).encode()
        path = f"{self._address.base}/api/v1/room/{self._room}/messages"
        return await ask(self._address, request(self._address, "POST", path, self._person.token, body, key), ANSWER_SECONDS)

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopped.wait()
        except TimeoutError:
            return


def _attempt(reply: Reply) -> Attempt:
    body = "" if reply.status in {200, 201} else reply.body[:SHOWN_BYTES].decode(errors="replace")
    return Attempt(reply.begun, reply.ended, reply.status, reply.failure, _id_in(reply), body)


def _id_in(reply: Reply) -> int | None:
    try:
        return int(json.loads(reply.body)["id"])
    except (ValueError, TypeError, KeyError):
        return None
