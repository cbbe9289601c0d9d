"""The log: a Redis stream whose entry ids are event ids, in order and without a hole from its first entry to its last, but for
what was said in rooms that have ended.

It is never the truth: it may be lost at any time, and is made again from the database near its head."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from redis import BlockingConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from chat.domain.event import Event, Kind

STREAM = "chat:log"
CONNECTIONS = 4  # and the reader's: a small PaaS plan allows 20 for all workers
ANSWER_SECONDS = 2.5  # Redis that has not answered by then is away, and the database serves
APPEND = (Path(__file__).parent / "append.lua").read_text()
FORGET = (Path(__file__).parent / "forget.lua").read_text()
ERASE = (Path(__file__).parent / "erase.lua").read_text()
ERASED_ENTRIES = 500  # in one call
FORGET_ENTRIES = 200  # looked at in one call: some 100 KB, and at 16 KB each still only 3 MB that Redis serves nobody for


def connect(url: str, connections: int) -> Redis:
    """A client that fails at once rather than retries: its callers know what to do without Redis.

    Past its connections they wait for one."""
    options: dict[str, Any] = {
        "socket_timeout": ANSWER_SECONDS,
        "socket_connect_timeout": ANSWER_SECONDS,
        "retry": Retry(NoBackoff(), 0),
    }
    if not url.startswith("unix:"):
        options["socket_keepalive"] = True
    if url.startswith("rediss:"):
        options["ssl_cert_reqs"] = "none"  # some PaaS have a self-signed chain
    pool = BlockingConnectionPool.from_url(url, max_connections=connections, timeout=ANSWER_SECONDS, **options)
    return Redis(connection_pool=pool)


class Log:
    """Appends and reads events. Every method raises redis.RedisError while Redis is away."""

    def __init__(self, redis: Any, reader: Any) -> None:  # redis-py types its answers for clients of every kind at once
        self._redis = redis
        self._reader = reader  # blocks for a second at a time, so it is nobody else's
        self._append = self._redis.register_script(APPEND)
        self._forget = self._redis.register_script(FORGET)
        self._erase = self._redis.register_script(ERASE)

    def append(self, expected: int, events: Sequence[Event], floor: int = 0, restart: bool = False) -> int:
        """Appends the events if the log ends with the id `expected`; answers the id that it ends with afterwards.

        What lies below `floor` no worker's tail holds any more, so it may go."""
        arguments: list[Any] = [expected, floor, "restart" if restart else ""]
        for event in events:
            arguments += (event.id, _route(event), event.frame)
        return int(self._append(keys=[STREAM], args=arguments))

    def clear(self, expected: int) -> None:
        """Empties the log if it still ends with the id `expected`."""
        self.append(expected, [], restart=True)

    def drop(self) -> None:
        """Empties the log whatever it holds."""
        self._redis.delete(STREAM)

    def forget(self, rooms: Sequence[int], closed: int) -> int | None:
        """Drops what the log holds of rooms that have ended, the last of them with the event `closed`; what tells of their end stays.

        Answers how many entries there were, None while the log does not reach as far as `closed`."""
        begin, dropped = 1, 0
        while begin:
            answer = self._forget(keys=[STREAM], args=[begin, closed, FORGET_ENTRIES, *rooms])
            if answer is None:
                return None
            begin, found = answer
            dropped += found
        return dropped

    def erase(self, ids: Sequence[int], reach: int) -> int | None:
        """Drops single entries, all of them older than the event `reach`; a reader finds them in the database.

        Answers how many there were, None while the log does not reach so far."""
        dropped = 0
        for begin in range(0, len(ids), ERASED_ENTRIES):
            answer = self._erase(keys=[STREAM], args=[reach, *ids[begin : begin + ERASED_ENTRIES]])
            if answer is None:
                return None
            dropped += int(answer)
        return dropped

    def read(self, above: int, most: int, block_ms: int) -> list[Event]:
        """The first `most` entries above an id; waits for one up to block_ms (0: does not wait)."""
        found = self._reader.xread({STREAM: f"{above}-0"}, count=most, block=block_ms or None)
        return [_event(*entry) for entry in found[0][1]] if found else []

    def newest(self, most: int) -> list[Event]:
        """The newest entries, in order."""
        entries = self._redis.xrevrange(STREAM, count=most)
        return [_event(*entry) for entry in reversed(entries)]

    def last(self) -> int:
        """The id of the last entry; 0 for a log that was lost."""
        entries = self._redis.xrevrange(STREAM, count=1)
        return _id(entries[0][0]) if entries else 0


def _route(event: Event) -> str:
    ids = f"{event.room_id or 0} {event.sender_id} {event.recipient_id or 0} {event.session_id or 0} {event.about_id or 0}"
    return f"{event.kind} {ids} {'guarded' if event.guarded else 'plain'}"


def _event(entry_id: bytes, fields: dict[bytes, bytes]) -> Event:
    kind, room, sender, recipient, session, about, guarded = fields[b"route"].decode().split(" ")
    return Event(
        _id(entry_id),
        cast(Kind, kind),
        int(room) or None,
        int(sender),
        int(recipient) or None,
        int(session) or None,
        fields[b"frame"],
        int(about) or None,
        guarded == "guarded",
    )


def _id(entry_id: bytes) -> int:
    return int(entry_id.partition(b"-")[0])
