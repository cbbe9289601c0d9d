"""Leases: what each worker reports of itself in Redis for a limited time. How many subscriptions each room has there, who is present, and
up to which event it has delivered. The report of a killed worker expires.

Redis expires the keys, so the clocks of the workers' machines do not matter."""

import os
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

LEASE_SECONDS = 10.0  # a killed worker's streams are still counted for so long
WORKERS = "chat:leases"
MARK = "chat:leases:mark"  # written if there is none: another value means that Redis was emptied meanwhile
DELIVERED = b"delivered"


@dataclass(frozen=True, slots=True)
class RemotePresence:
    """A room on the other workers: the ids of the users who are present there, and the number of subscriptions."""

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
        """The id of this process, also if it was forked after this object was made."""
        if self._process != os.getpid():
            self._process, self._worker = os.getpid(), uuid4().hex[:12]
        return self._worker

    def count(self, counts: Mapping[int, int], whole: bool) -> None:
        """Writes how many subscriptions rooms have here. whole: these are all rooms, otherwise those that changed."""
        pipeline: Any = self._redis.pipeline()
        _write(pipeline, _connections(self.worker), counts, whole)
        pipeline.pexpire(_connections(self.worker), int(LEASE_SECONDS * 1000))
        pipeline.execute()

    def renew(self, delivered: int, present: Mapping[int, Iterable[int]], whole: bool) -> bool:
        """Renews the lease, and writes which users are present in rooms. whole: in all rooms, otherwise in those that changed.

        Returns whether the lease still existed; if not, the caller must write the whole again."""
        pipeline: Any = self._redis.pipeline()
        self._renew(pipeline, delivered, present, whole)
        return bool(pipeline.execute()[0])

    def renew_and_read(self, delivered: int, present: Mapping[int, Iterable[int]], rooms: Sequence[int]) -> list[RemotePresence] | None:
        """Renews the lease with what changed, and reads the others' leases of some rooms in the same transaction: of two workers that
        report the same user at once, the second sees the first. Returns None if this lease did not exist any more."""
        others = self._others()
        pipeline: Any = self._redis.pipeline()
        self._renew(pipeline, delivered, present, False)
        for worker in others:
            pipeline.hmget(_presence(worker), rooms)
            pipeline.hmget(_connections(worker), rooms)
        existed, *replies = pipeline.execute()
        of_others = replies[len(replies) - 2 * len(others) :]
        return [_remote_presence(place, of_others) for place in range(len(rooms))] if existed else None

    def _renew(self, pipeline: Any, delivered: int, present: Mapping[int, Iterable[int]], whole: bool) -> None:
        """The first reply is whether the lease still existed."""
        key = _presence(self.worker)
        pipeline.exists(key)
        _write(pipeline, key, {room: array("q", users).tobytes() for room, users in present.items()}, whole)
        pipeline.hset(key, DELIVERED, delivered)
        for leased in (key, _connections(self.worker)):
            pipeline.pexpire(leased, int(LEASE_SECONDS * 1000))
        pipeline.sadd(WORKERS, self.worker)
        pipeline.set(MARK, uuid4().hex, nx=True)

    def mark(self) -> bytes | None:
        """Stays the same for as long as Redis loses nothing."""
        mark: bytes | None = self._redis.get(MARK)
        return mark

    def delivered(self) -> dict[str, int]:
        """Up to which event each live worker has delivered. Removes what dead workers left."""
        workers = self._workers()
        positions = self._for_each(workers, lambda pipeline, worker: pipeline.hget(_presence(worker), DELIVERED))
        dead = [worker for worker, position in zip(workers, positions, strict=True) if position is None]
        if dead:
            self._redis.srem(WORKERS, *dead)
        return {worker: int(position) for worker, position in zip(workers, positions, strict=True) if position is not None}

    def remote_counts(self, rooms: Sequence[int]) -> list[int]:
        """The number of subscriptions that each room has on the other workers."""
        others = self._others()
        if not others or not rooms:
            return [0] * len(rooms)
        replies = self._for_each(others, lambda pipeline, worker: pipeline.hmget(_connections(worker), rooms))
        return [sum(int(count or 0) for count in counts) for counts in zip(*replies, strict=True)]

    def remote_users(self, room: int) -> set[int]:
        """The ids of the users who are present in a room on the other workers."""
        replies = self._for_each(self._others(), lambda pipeline, worker: pipeline.hget(_presence(worker), room))
        return {user for packed in replies if packed for user in array("q", packed)}

    def claim(self, task: str, seconds: float) -> bool:
        """Whether this worker alone does a task for so long. It saves work; nothing may depend on it for being right."""
        return bool(self._redis.set(_claim(task), self.worker, nx=True, px=int(seconds * 1000)))

    def claim_all(self, tasks: Sequence[str], seconds: float) -> list[bool]:
        """`claim` for many tasks in one round trip."""
        claimed = self._for_each(tasks, lambda pipeline, task: pipeline.set(_claim(task), 1, nx=True, px=int(seconds * 1000)))
        return [bool(reply) for reply in claimed]

    def forget(self, rooms: Sequence[int]) -> None:
        """Drops what any worker, also a dead one, has reported of rooms that ended."""
        pipeline: Any = self._redis.pipeline()
        for worker in self._workers():
            pipeline.hdel(_connections(worker), *rooms)
            pipeline.hdel(_presence(worker), *rooms)
        pipeline.execute()

    def release(self) -> None:
        """Ends this worker's lease, because it stops."""
        self._redis.srem(WORKERS, self.worker)
        self._redis.delete(_connections(self.worker), _presence(self.worker))

    def _workers(self) -> list[str]:
        return sorted(worker.decode() for worker in self._redis.smembers(WORKERS))

    def _others(self) -> list[str]:
        return [worker for worker in self._workers() if worker != self.worker]

    def _for_each(self, names: Sequence[str], command: Any) -> list[Any]:
        pipeline: Any = self._redis.pipeline(transaction=False)
        for name in names:
            command(pipeline, name)
        replies: list[Any] = pipeline.execute()
        return replies


def _remote_presence(place: int, replies: Sequence[Sequence[bytes | None]]) -> RemotePresence:
    """Of the room at this place. Each worker has two replies, users and counts, each a list in the order of the rooms."""
    users = {user for packed in replies[::2] for user in array("q", packed[place] or b"")}
    return RemotePresence(users, sum(int(counts[place] or 0) for counts in replies[1::2]))


def _write(pipeline: Any, key: str, fields: Mapping[int, int | bytes], whole: bool) -> None:
    """Writes a field for each room that has somebody, and removes that of a room without."""
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


def _claim(task: str) -> str:
    """As earlier versions name it: during a deploy workers of both versions run."""
    return f"chat:turn:{task}"
