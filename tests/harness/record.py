"""Looking into the record and writing to it past the service: what a test must know, and what a dead worker left behind."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from psycopg2 import extensions

COMMITTED = """
    WITH taken AS (UPDATE log SET head = head + %(count)s RETURNING head - %(count)s AS before),
        wanted AS (SELECT %(rooms)s::bigint[] AS rooms)
    INSERT INTO events (id, kind, room_id, sender_id, text)
    SELECT before + n, 'message', rooms[1 + (n - 1) %% cardinality(rooms)], %(sender)s, 'message ' || (before + n)
    FROM taken, wanted, generate_series(1, %(count)s) n ORDER BY n
    RETURNING id
"""


@contextmanager
def connected(database_url: str) -> Iterator[extensions.connection]:
    """Each statement is a transaction of its own."""
    connection = psycopg2.connect(database_url)
    try:
        connection.autocommit = True
        yield connection
    finally:
        connection.close()


def query(database_url: str, sql: str, values: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    with connected(database_url) as connection, connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall()) if cursor.description else []


def head(database_url: str) -> int:
    newest: int = query(database_url, "SELECT head FROM log")[0][0]
    return newest


def commit(database_url: str, count: int, rooms: list[int], sender: int) -> list[int]:
    """Messages in these rooms in turn, committed as a worker does that dies before it publishes them; answers their ids."""
    written = query(database_url, COMMITTED, {"count": count, "rooms": rooms, "sender": sender})
    return [event_id for (event_id,) in written]


def somebody(database_url: str, name: str = "alice") -> int:
    """The id of a new user, who can not sign in."""
    sql = "INSERT INTO users (name, name_key, password_hash) VALUES (%(name)s, %(name)s, '-') RETURNING id"
    user: int = query(database_url, sql, {"name": name})[0][0]
    return user


def room(database_url: str, name: str = "lobby") -> int:
    """The id of a new open room without members."""
    made: int = query(
        database_url, "INSERT INTO rooms (kind, name, name_key) VALUES ('open', %(name)s, %(name)s) RETURNING id", {"name": name}
    )[0][0]
    return made
