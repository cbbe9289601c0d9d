"""The database itself: a test reads it, and writes to it past the service."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from chat.config import Settings
from tests.harness.environment import product_settings

TABLES = ("users", "sessions", "rooms", "memberships", "events")
INSERT_MESSAGES = """
    WITH taken AS (UPDATE log SET head = head + :count RETURNING head - :count AS before),
        wanted AS (SELECT CAST(:rooms AS bigint[]) AS rooms)
    INSERT INTO events (id, kind, room_id, sender_id, text)
    SELECT before + n, 'message', rooms[1 + (n - 1) % cardinality(rooms)], :sender, 'message ' || (before + n)
    FROM taken, wanted, generate_series(1, :count) n ORDER BY n
    RETURNING id
"""


def execute(url: str, statement: str, values: Mapping[str, Any] | None = None) -> list[Any]:
    """Runs one statement and commits it. Returns its rows, if it has any."""
    with engine_of(url).begin() as connection:
        result = connection.execute(text(statement), values or {})
        return list(result) if result.returns_rows else []


@contextmanager
def locked(url: str, table: str) -> Iterator[None]:
    """Reads and writes of the table wait meanwhile."""
    with engine_of(url).begin() as connection:
        connection.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        yield


@cache
def engine_of(url: str) -> Engine:
    """It asks a server for its version once, and keeps no connection."""
    settings = Settings.from_environ(product_settings(url, "unix:///unused"))
    return create_engine(settings.database_url, poolclass=NullPool)


def log_head(url: str) -> int:
    """The newest event's id."""
    newest: int = execute(url, "SELECT head FROM log")[0][0]
    return newest


def insert_messages(url: str, count: int, rooms: list[int], sender: int) -> list[int]:
    """Messages in these rooms in turn, as committed by a worker that dies before it publishes them. Returns their ids."""
    return [event_id for (event_id,) in execute(url, INSERT_MESSAGES, {"count": count, "rooms": rooms, "sender": sender})]


def insert_user(url: str, name: str = "alice") -> int:
    """The id of a new user, who cannot sign in."""
    sql = "INSERT INTO users (name, name_key, password_hash) VALUES (:name, :name, '-') RETURNING id"
    user: int = execute(url, sql, {"name": name})[0][0]
    return user


def insert_room(url: str, name: str = "lobby") -> int:
    """The id of a new open room without members."""
    room: int = execute(url, "INSERT INTO rooms (kind, name, name_key) VALUES ('open', :name, :name) RETURNING id", {"name": name})[0][0]
    return room


def close_room(url: str, room_id: int) -> None:
    """Makes an open room a closed one, which only its members may know of."""
    execute(url, "UPDATE rooms SET kind = 'closed' WHERE id = :room", {"room": room_id})


def counts(url: str) -> dict[str, int]:
    """Rows by table, and the newest event's id."""
    columns = ", ".join(f"(SELECT count(*) FROM {table}) AS {table}" for table in TABLES)
    return dict(execute(url, f"SELECT {columns}, (SELECT head FROM log) AS head")[0]._mapping)


@contextmanager
def nothing_stored(url: str) -> Iterator[None]:
    """The block must leave the tables as they were. Other tests' rooms may expire or be purged meanwhile."""
    before = counts(url)
    yield
    after = counts(url)
    endings = execute(url, "SELECT count(*) FROM events WHERE id > :head AND kind = 'room_closed'", {"head": before["head"]})[0][0]
    assert after["head"] - endings <= before["head"], f"new events: was {before}, now {after}"
    assert after | {"events": 0, "head": 0} == before | {"events": 0, "head": 0}, f"was {before}, now {after}"
