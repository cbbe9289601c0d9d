"""What each worker says of itself in Redis, for a limited time: how many subscriptions each room has there, who is present, and
how far it has delivered. A killed one counts for nothing soon.

Liveness is by the keys' own expiry: the clocks of the workers' machines mean nothing here."""

import os
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

LEASE_SECONDS = 10.0  # how long a killed worker's streams are still counted
WORKERS = "chat:leases"
MARK = "chat:leases:mark"  # made by whoever finds none: another one tells that Redis was emptied meanwhile
DELIVERED = b"delivered"


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What the other workers say of a room: who is present there, and how many subscriptions it has."""

    users: set[int]
    streams: int


class Leases:
    """Every method raises redis.RedisError while Redis is away."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis
        self._process = 0
        self._worker = ""

    @property
    def worker(self) -> str:
        """Of this process, also where several were forked after this object was made."""
        if self._process != os.getpid():
            self._process, self._worker = os.getpid(), uuid4().hex[:12]
        return self._worker

    def count(self, counts: Mapping[int, int], whole: bool) -> None:
        """Says how many subscriptions rooms have here: of all rooms, or of those that changed."""
        pipeline: Any = self._redis.pipeline()
        _write(pipeline, _connections(self.worker), counts, whole)
        pipeline.pexpire(_connections(self.worker), int(LEASE_SECONDS * 1000))
        pipeline.execute()

    def renew(self, delivered: int, present: Mapping[int, Iterable[int]], whole: bool) -> bool:
        """Renews the lease, and says which users are present in rooms: in all, or in those that changed.

        Answers whether what was said before still stood; if not, the whole must be said again."""
        pipeline: Any = self._redis.pipeline()
        self._renew(pipeline, delivered, present, whole)
        return bool(pipeline.execute()[0])

    def exchange(self, delivered: int, present: Mapping[int, Iterable[int]], asked: Sequence[int]) -> list[Elsewhere] | None:
        """Renews the lease with what changed, and asks in the same moment what the others say of some rooms: of two workers that
        say the same at once, the second hears of the first. None where what was said before did not stand."""
        others = self._others()
        pipeline: Any = self._redis.pipeline()
        self._renew(pipeline, delivered, present, False)
        for worker in others:
            pipeline.hmget(_presence(worker), asked)
            pipeline.hmget(_connections(worker), asked)
        stood, *answers = pipeline.execute()
        found = answers[len(answers) - 2 * len(others) :]
        return [_elsewhere(room, found) for room in range(len(asked))] if stood else None

    def _renew(self, pipeline: Any, delivered: int, present: Mapping[int, Iterable[int]], whole: bool) -> None:
        """Its first answer is whether what was said before still stood."""
        key = _presence(self.worker)
        pipeline.exists(key)
        _write(pipeline, key, {room: array("q", users).tobytes() for room, users in present.items()}, whole)
        pipeline.hset(key, DELIVERED, delivered)
        for leased in (key, _connections(self.worker)):
            pipeline.pexpire(leased, int(LEASE_SECONDS * 1000))
        pipeline.sadd(WORKERS, self.worker)
        pipeline.set(MARK, uuid4().hex, nx=True)

    def mark(self) -> bytes | None:
        """What stays the same for as long as Redis keeps what it is told."""
        mark: bytes | None = self._redis.get(MARK)
        return mark

    def delivered(self) -> dict[str, int]:
        """Up to which event each live worker has delivered; what is left of dead ones goes on this occasion."""
        workers = self._workers()
        found = self._of_each(workers, lambda pipeline, worker: pipeline.hget(_presence(worker), DELIVERED))
        dead = [worker for worker, position in zip(workers, found, strict=True) if position is None]
        if dead:
            self._redis.srem(WORKERS, *dead)
        return {worker: int(position) for worker, position in zip(workers, found, strict=True) if position is not None}

    def elsewhere(self, rooms: Sequence[int]) -> list[int]:
        """The subscriptions that each of the rooms has on the other workers."""
        others = self._others()
        if not others or not rooms:
            return [0] * len(rooms)
        found = self._of_each(others, lambda pipeline, worker: pipeline.hmget(_connections(worker), rooms))
        return [sum(int(count or 0) for count in counts) for counts in zip(*found, strict=True)]

    def present_elsewhere(self, room: int) -> set[int]:
        """The users who are present in a room on the other workers."""
        found = self._of_each(self._others(), lambda pipeline, worker: pipeline.hget(_presence(worker), room))
        return {user for packed in found if packed for user in array("q", packed)}

    def take_turn(self, work: str, seconds: float) -> bool:
        """Whether this worker is the one that does a piece of work for so long: to spare the others, never to be right."""
        return bool(self._redis.set(f"chat:turn:{work}", self.worker, nx=True, px=int(seconds * 1000)))

    def take_turns(self, works: Sequence[str], seconds: float) -> list[bool]:
        """The same for many."""
        turns = self._of_each(works, lambda pipeline, work: pipeline.set(f"chat:turn:{work}", 1, nx=True, px=int(seconds * 1000)))
        return [bool(turn) for turn in turns]

    def forget(self, rooms: Sequence[int]) -> None:
        """Drops what any worker, also a dead one, has said of rooms that ended."""
        pipeline: Any = self._redis.pipeline()
        for worker in self._workers():
            pipeline.hdel(_connections(worker), *rooms)
            pipeline.hdel(_presence(worker), *rooms)
        pipeline.execute()

    def release(self) -> None:
        """This worker stops."""
        self._redis.srem(WORKERS, self.worker)
        self._redis.delete(_connections(self.worker), _presence(self.worker))

    def _workers(self) -> list[str]:
        return sorted(worker.decode() for worker in self._redis.smembers(WORKERS))

    def _others(self) -> list[str]:
        return [worker for worker in self._workers() if worker != self.worker]

    def _of_each(self, workers: Sequence[str], ask: Any) -> list[Any]:
        pipeline: Any = self._redis.pipeline(transaction=False)
        for worker in workers:
            ask(pipeline, worker)
        answers: list[Any] = pipeline.execute()
        return answers


def _elsewhere(room: int, found: Sequence[Sequence[bytes | None]]) -> Elsewhere:
    """Of each worker two lists, both in the order that rooms were asked in."""
    users = {user for packed in found[::2] for user in array("q", packed[room] or b"")}
    return Elsewhere(users, sum(int(counts[room] or 0) for counts in found[1::2]))


def _write(pipeline: Any, key: str, fields: Mapping[int, int | bytes], whole: bool) -> None:
    """A field a room; none for a room where there is nobody."""
    if whole:
        pipeline.delete(key)
    here = {room: value for room, value in fields.items() if value}
    gone = [room for room in fields if room not in here]
    if gone:
        pipeline.hdel(key, *gone)
    if here:
        pipeline.hset(key, mapping=here)


def _connections(worker: str) -> str:
    return f"chat:connections:{worker}"


def _presence(worker: str) -> str:
    return f"chat:presence:{worker}"
