"""The database as it is, beside what the service says of it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from chat.config import Settings
from tests.harness.environment import product_settings

TABLES = ("users", "sessions", "rooms", "memberships", "events")


def execute(url: str, statement: str, values: Mapping[str, Any] | None = None) -> list[Any]:
    """Runs one statement and commits it; the rows, where it answers any."""
    with engine_of(url).begin() as connection:
        result = connection.execute(text(statement), values or {})
        return list(result) if result.returns_rows else []


@contextmanager
def locked(url: str, table: str) -> Iterator[None]:
    """Whoever reads or writes the table waits meanwhile."""
    with engine_of(url).begin() as connection:
        connection.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        yield


@cache
def engine_of(url: str) -> Engine:
    """It asks a server what it is once, and keeps no connection."""
    settings = Settings.from_environ(product_settings(url, "unix://unused"))
    return create_engine(settings.database_url, poolclass=NullPool)


def counts(url: str) -> dict[str, int]:
    """Rows by table, and the newest event's id."""
    columns = ", ".join(f"(SELECT count(*) FROM {table}) AS {table}" for table in TABLES)
    return dict(execute(url, f"SELECT {columns}, (SELECT head FROM log) AS head")[0]._mapping)


@contextmanager
def nothing_stored(url: str) -> Iterator[None]:
    """Whatever is asked in here leaves nothing behind. Rooms of other tests may end by themselves meanwhile, and ended ones be purged."""
    before = counts(url)
    yield
    after = counts(url)
    endings = execute(url, "SELECT count(*) FROM events WHERE id > :head AND kind = 'room_closed'", {"head": before["head"]})[0][0]
    assert after["head"] - endings <= before["head"], f"new events: was {before}, now {after}"
    assert after | {"events": 0, "head": 0} == before | {"events": 0, "head": 0}, f"was {before}, now {after}"


def close_room(url: str, room_id: int) -> None:
    """Makes an open room a closed one, which only its members may know of."""
    execute(url, "UPDATE rooms SET kind = 'closed' WHERE id = :room", {"room": room_id})
