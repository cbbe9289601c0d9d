"""The engine: a small pool of psycopg2 connections that give way to other greenlets while they wait."""

from collections.abc import Mapping, Sequence
from typing import Any

import gevent
import psycopg2
from gevent import monkey
from gevent.socket import wait_read, wait_write
from psycopg2 import extensions
from sqlalchemy import Connection, Engine, Executable, NullPool, Row, create_engine, event, text
from sqlalchemy.exc import DisconnectionError

poll = monkey.get_original("select", "poll")  # called without waiting, so gevent's would only cost time
READABLE = 0x1  # POLLIN

POOL_SIZE = 5  # a small PaaS plan allows 20 connections: two workers, a release command, and room for a psql
POOL_WAIT_SECONDS = 8.0
CONNECT_SECONDS = 3
QUERY_SECONDS = 9.0  # a database that has not answered by then is away; PostgreSQL itself has given up the statement before

# What each session of the service has, so that no wait is without an end and the end frees what was held. The server ends a statement
# before its client gives it up, so a refused change does not land afterwards. A transaction whose client is silent ends in 4 s, and with
# it its lock on the counter row, for which everybody waits.
SESSION = {
    "statement_timeout": "8s",
    "lock_timeout": "6s",
    "idle_in_transaction_session_timeout": "4s",
    "tcp_user_timeout": "8s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "3",
    "tcp_keepalives_count": "3",
    "client_connection_check_interval": "2s",  # while a statement runs for a client that may be gone
    "jit": "off",  # queries are short: compiling one takes longer than running it
}
REFUSES_OPTIONS = "startup parameter"  # PgBouncer's error


def engine_options() -> dict[str, Any]:
    """What Flask-SQLAlchemy passes to create_engine."""
    return {
        "pool_size": POOL_SIZE,
        "max_overflow": 0,
        "pool_timeout": POOL_WAIT_SECONDS,
        "pool_use_lifo": True,
        "isolation_level": "AUTOCOMMIT",
        "hide_parameters": True,  # an error's text is logged
        "connect_args": {
            "application_name": "chat",
            "connect_timeout": CONNECT_SECONDS,  # for a command; under gevent `_wait` counts
            "tcp_user_timeout": 8000,
            "keepalives_idle": 10,
            "keepalives_interval": 3,
            "keepalives_count": 3,
            "options": " ".join(f"-c {name}={value}" for name, value in SESSION.items()),
        },
    }


def prepare_connections(engine: Engine) -> None:
    """Replaces connections that died, and connects without options where PgBouncer refuses them: then the sessions have what
    `set_for_role` gave their role."""
    event.listen(engine, "checkout", _refuse_dead)
    event.listen(engine, "do_connect", _connect)


def _connect(_dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> Any:
    try:
        return psycopg2.connect(**parameters)
    except psycopg2.OperationalError as error:
        if REFUSES_OPTIONS not in str(error):
            raise
        return psycopg2.connect(**{name: value for name, value in parameters.items() if name != "options"})


def set_for_role(connection: Connection) -> None:
    """Gives the settings of SESSION to all sessions of this role in this database, if those of the service do not bring them: PgBouncer in
    transaction mode passes on neither options nor a SET."""
    if connection.scalar(text("SHOW statement_timeout")) == SESSION["statement_timeout"]:
        return
    role, database_name = connection.execute(text("SELECT quote_ident(current_user), quote_ident(current_database())")).one()
    for name, value in SESSION.items():
        connection.execute(text(f"ALTER ROLE {role} IN DATABASE {database_name} SET {name} = '{value}'"))


def one_connection(url: str) -> Engine:
    """For a command that runs a few queries and ends."""
    return create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args={"connect_timeout": CONNECT_SECONDS})


def _refuse_dead(connection: Any, _record: Any, _proxy: Any) -> None:
    """A connection that the server has closed is readable although no query is open. A query to find that out, such as that of
    pool_pre_ping, would cost every use of the pool a round trip."""
    waiting = poll()
    waiting.register(connection.fileno(), READABLE)
    if waiting.poll(0):
        raise DisconnectionError("the server closed the connection")


class Overdue(psycopg2.OperationalError):
    """The time of a request is over while it waited, most likely for the database. Its connection is closed, if it held one."""


def wait_with_gevent() -> None:
    """Makes psycopg2 wait by gevent: otherwise every query would stop the whole worker."""
    extensions.set_wait_callback(_wait)


def wait_without_end() -> None:
    """For a command in which nothing else runs: a step of the schema may take longer than any query of the service."""
    extensions.set_wait_callback(None)


def _wait(connection: Any) -> None:
    """An exception in here closes the connection, so a late result is not taken for another query's."""
    seconds = QUERY_SECONDS if connection.status != extensions.STATUS_SETUP else CONNECT_SECONDS
    with gevent.Timeout(seconds, psycopg2.OperationalError("the database did not answer in time")):
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
