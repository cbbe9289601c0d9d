"""The engine: a small pool of psycopg2 connections that give way to other greenlets while they wait."""

from collections.abc import Mapping, Sequence
from typing import Any

import gevent
import psycopg2
from gevent import monkey
from gevent.socket import wait_read, wait_write
from psycopg2 import extensions
from sqlalchemy import Engine, Executable, NullPool, Row, create_engine, event
from sqlalchemy.exc import DisconnectionError

poll = monkey.get_original("select", "poll")  # called without waiting, so gevent's would only cost time
READABLE = 0x1  # POLLIN

POOL_SIZE = 5  # a small PaaS plan allows 20 connections: two workers, a release command, and room for a psql
POOL_WAIT_SECONDS = 10.0
CONNECT_SECONDS = 5
QUERY_SECONDS = 30.0  # a database that has not answered by then is away; the caller answers 503


def engine_options() -> dict[str, Any]:
    """What Flask-SQLAlchemy passes to create_engine."""
    return {
        "pool_size": POOL_SIZE,
        "max_overflow": 0,
        "pool_timeout": POOL_WAIT_SECONDS,
        "pool_use_lifo": True,
        "isolation_level": "AUTOCOMMIT",
        "connect_args": {"connect_timeout": CONNECT_SECONDS, "keepalives_idle": 30, "application_name": "chat"},
    }


def one_connection(url: str) -> Engine:
    """For a command that runs a few queries and ends."""
    return create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": CONNECT_SECONDS})


def drop_dead_connections(engine: Engine) -> None:
    """Replaces a connection that the server has closed before it is used: it is readable although no query is open.

    A query to find that out, such as that of pool_pre_ping, would cost every use of the pool a round trip."""
    event.listen(engine, "checkout", _refuse_dead)


def _refuse_dead(connection: Any, _record: Any, _proxy: Any) -> None:
    waiting = poll()
    waiting.register(connection.fileno(), READABLE)
    if waiting.poll(0):
        raise DisconnectionError("the server closed the connection")


def wait_with_gevent() -> None:
    """Makes psycopg2 wait by gevent: otherwise every query would stop the whole worker."""
    extensions.set_wait_callback(_wait)


def wait_without_end() -> None:
    """For a command in which nothing else runs: a step of the schema may take longer than any query of the service."""
    extensions.set_wait_callback(None)


def _wait(connection: Any) -> None:
    """An exception in here closes the connection, so a late result is not taken for another query's."""
    with gevent.Timeout(QUERY_SECONDS, psycopg2.OperationalError("the database did not answer in time")):
        while (state := connection.poll()) != extensions.POLL_OK:
            if state == extensions.POLL_READ:
                wait_read(connection.fileno())
            else:
                wait_write(connection.fileno())


def in_transactions(engine: Engine) -> Engine:
    """The same pool for transactions of several statements.

    The engine itself is in autocommit: a single statement takes one round trip and holds no lock after it."""
    return engine.execution_options(isolation_level="READ COMMITTED")


Values = Mapping[str, Any]


def rows(engine: Engine, statement: Executable, values: Values | None = None) -> Sequence[Row[*tuple[Any, ...]]]:
    """All rows of one statement, on a connection of its own."""
    with engine.begin() as connection:
        return connection.execute(statement, values).all()


def row(engine: Engine, statement: Executable, values: Values | None = None) -> Row[*tuple[Any, ...]] | None:
    """Like `rows`, for a statement that has one row at most."""
    with engine.begin() as connection:
        return connection.execute(statement, values).one_or_none()


def value(engine: Engine, statement: Executable, values: Values | None = None) -> Any:
    """Like `rows`: the first column of the first row, None without one."""
    with engine.begin() as connection:
        return connection.scalar(statement, values)


def run(engine: Engine, statement: Executable, values: Values | None = None) -> int:
    """Runs one statement that writes. Returns the number of rows that it wrote."""
    with engine.begin() as connection:
        return connection.execute(statement, values).rowcount
