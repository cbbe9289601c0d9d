"""The log: a Redis stream whose entry ids are event ids, in order. Between its first and its last entry only those are missing that were
dropped: of rooms that have ended, and of deleted messages.

It is never the truth: it may be lost at any time, and begins again near its head, from the database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from redis import BlockingConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from chat.domain.epochs import OtherEpoch
from chat.domain.event import Event
from chat.services.log_entry import decode_entry, encode_entry, event_id

STREAM = "chat:log"
CONNECTIONS = 4  # and the reader's own: a small PaaS plan allows 20 for all workers
ANSWER_SECONDS = 2.5  # if Redis has not answered by then it is away, and the database serves
SCRIPTS = Path(__file__).parent / "lua"
ERASED_ENTRIES = 500  # in one call
FORGET_ENTRIES = 200  # looked at in one call: some 100 KB, and at 16 KB each still only 3 MB, for which Redis serves nobody else


def connect(url: str, connections: int) -> Redis:
    """A client that fails at once instead of trying again: its callers can do without Redis.

    While all its connections are in use, a call waits for one."""
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

    def __init__(self, redis: Any, reader: Any) -> None:  # redis-py's types cover clients of every kind at once
        self._redis = redis
        self._reader = reader  # blocks for a second at a time, so nothing else uses it
        self._append = self._redis.register_script((SCRIPTS / "append.lua").read_text())
        self._forget = self._redis.register_script((SCRIPTS / "forget.lua").read_text())
        self._erase = self._redis.register_script((SCRIPTS / "erase.lua").read_text())

    def append(self, expected: int, events: Sequence[Event], epoch: str, floor: int = 0, restart: bool = False) -> int:
        """Appends the events if the log ends with the id `expected`. Returns the id that it ends with afterwards. Raises OtherEpoch.

        Entries below `floor` may be trimmed: no worker's tail holds them any more."""
        arguments: list[Any] = [expected, floor, "restart" if restart else "", epoch]
        for event in events:
            entry = encode_entry(event)
            arguments += (event.id, entry["route"], entry["frame"])
        last = self._append(keys=[STREAM], args=arguments)
        if last == b"other epoch":
            raise OtherEpoch
        return int(last)

    def clear(self, expected: int) -> None:
        """Empties the log if it still ends with the id `expected`."""
        self.append(expected, [], "", restart=True)

    def drop(self) -> None:
        """Empties the log, whatever it ends with."""
        self._redis.delete(STREAM)

    def forget(self, rooms: Sequence[int], closed: int) -> int | None:
        """Drops the entries of rooms that have ended, except for their `room_closed`, of which `closed` is the last.

        Returns how many there were, or None while the log does not reach `closed`."""
        begin, dropped = 1, 0
        while begin:
            answer = self._forget(keys=[STREAM], args=[begin, closed, FORGET_ENTRIES, *rooms])
            if answer is None:
                return None
            begin, of_page = answer
            dropped += of_page
        return dropped

    def erase(self, ids: Sequence[int], reach: int) -> int | None:
        """Drops single entries, all older than the event `reach`; a reader reads them from the database instead.

        Returns how many there were, or None while the log does not reach so far."""
        dropped = 0
        for begin in range(0, len(ids), ERASED_ENTRIES):
            answer = self._erase(keys=[STREAM], args=[reach, *ids[begin : begin + ERASED_ENTRIES]])
            if answer is None:
                return None
            dropped += int(answer)
        return dropped

    def read(self, above: int, most: int, block_ms: int, epoch: str) -> list[Event]:
        """The first `most` entries above an id; those that have no epoch come without a frame. Waits up to block_ms for one (0: does not
        wait). Raises OtherEpoch."""
        streams = self._reader.xread({STREAM: f"{above}-0"}, count=most, block=block_ms or None)
        return _events_of(streams[0][1], epoch) if streams else []

    def newest(self, most: int, epoch: str) -> list[Event]:
        """The newest entries, in order, without those that have no epoch. Raises OtherEpoch."""
        return [event for event in _events_of(reversed(self._redis.xrevrange(STREAM, count=most)), epoch) if event.frame]

    def end(self) -> tuple[int, str]:
        """The id of the last entry and its epoch, which is empty if an earlier version wrote it; (0, "") for a log that was lost."""
        entries = self._redis.xrevrange(STREAM, count=1)
        return (event_id(entries[0][0]), entries[0][1].get(b"epoch", b"").decode()) if entries else (0, "")


def _events_of(entries: Iterable[tuple[bytes, Mapping[bytes, bytes]]], epoch: str) -> list[Event]:
    """An entry without an epoch comes without its frame: an earlier version wrote it, or nobody knows who. The database has the event."""
    events, own = [], epoch.encode()
    for entry_id, fields in entries:
        if fields.get(b"epoch", own) != own:
            raise OtherEpoch
        event = decode_entry(entry_id, fields)
        events.append(event if b"epoch" in fields else replace(event, frame=b""))
    return events
