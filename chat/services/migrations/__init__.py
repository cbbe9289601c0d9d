"""Migrations bring a database to this version's schema: a new one by schema.sql, an older one by the numbered steps that it lacks.

A step is a file of this folder, `0001_what_it_does.sql`; docs/migrations.md says how one is written. All steps run in one transaction
under an advisory lock, so any number of release commands may run at once."""

import re
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from chat.services import database

STEPS = Path(__file__).parent
SCHEMA = STEPS / "schema.sql"
LOCK = 7_241_959_301  # any number that no other program locks


class NewerSchema(Exception):
    """A newer version of the service has migrated the database."""


def apply(engine: Engine, steps: Path = STEPS) -> int:
    """Returns the number of the step that the database is at. Raises NewerSchema."""
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        newest = max(_numbered(steps), default=0)
        if not _exists(connection):
            connection.exec_driver_sql(SCHEMA.read_text())
            connection.execute(text("UPDATE log SET step = :step"), {"step": newest})
            return newest
        return _follow(connection, _numbered(steps), newest)


def move_ahead(engine: Engine, by: int) -> int:
    """Skips so many event ids; returns the last one skipped. An id that a client has seen must never name another event."""
    return int(database.value(engine, text("UPDATE log SET head = head + :by RETURNING head"), {"by": by}))


def _exists(connection: Connection) -> bool:
    return connection.scalar(text("SELECT to_regclass('log')")) is not None


def _numbered(steps: Path) -> dict[int, Path]:
    """The paths of the steps by number."""
    matches = {path: re.match(r"(\d+)_", path.name) for path in steps.glob("*.sql")}
    return {int(match[1]): path for path, match in matches.items() if match}


def _follow(connection: Connection, steps: dict[int, Path], newest: int) -> int:
    step: int = connection.scalar(text("SELECT step FROM log")) or 0
    if step > newest:
        raise NewerSchema(f"the database is at step {step}, this version knows {newest}: install the newer version")
    for number in sorted(n for n in steps if n > step):
        connection.exec_driver_sql(steps[number].read_text())
        connection.execute(text("UPDATE log SET step = :step"), {"step": number})
    return newest
