"""The log's epoch: read, and begun anew when the record has gone back to an earlier state.

`lock_log` in schema.sql notices that in the transaction that takes ids: PostgreSQL is another system or on another timeline, or the
database is another one (a failover, a restore), or its head is below an id that was committed (a disk that was set back)."""

from sqlalchemy import Engine, text

from chat.domain.epochs import Epochs, LogState
from chat.services import database

_STATE = text("""
    SELECT head, log_origin() = origin AND head >= :known AS good,
        ARRAY(SELECT name FROM epochs ORDER BY first) AS names,
        ARRAY(SELECT ARRAY[last, first] FROM epochs WHERE first > 0 ORDER BY first) AS gaps
    FROM log
""")


def state(engine: Engine, known: int = 0) -> LogState:
    """The log's head and epochs. known: an id that was committed. Begins a new epoch if the record has gone back."""
    row = database.row(engine, _STATE, {"known": known})
    if row is not None and not row.good:
        database.value(engine, text("SELECT lock_log(:known)"), {"known": known})
        row = database.row(engine, _STATE, {"known": known})
    assert row is not None
    return LogState(row.head, Epochs(tuple(row.names), tuple((last, first) for last, first in row.gaps)))


def begin(engine: Engine) -> int:
    """Begins a new epoch. Returns the id above which its events begin."""
    return int(database.value(engine, text("SELECT begin_epoch(0)")))
