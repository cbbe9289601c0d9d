"""The audit table: who did what as an operator. Entries are added; the database itself refuses to change them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, text


@dataclass(frozen=True, slots=True)
class Act:
    """What an operator does, before it stands in the log."""

    actor: str
    act: str
    subject: str = ""
    detail: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the log; detail is JSON, or empty."""

    id: int
    at: datetime
    actor: str
    act: str
    subject: str
    detail: str


_INSERT = text("INSERT INTO audit (actor, act, subject, detail) VALUES (:actor, :act, :subject, :detail)")


def write(connection: Connection, act: Act) -> None:
    """In the transaction of the act itself, so that neither stands without the other."""
    detail = json.dumps(act.detail, ensure_ascii=False) if act.detail else ""
    connection.execute(_INSERT, {"actor": act.actor, "act": act.act, "subject": act.subject, "detail": detail})


def record(engine: Engine, act: Act) -> None:
    """For an act that is no transaction of its own."""
    with engine.begin() as connection:
        write(connection, act)


def entries(engine: Engine, before: int | None, most: int) -> list[Entry]:
    """The newest first, below an id."""
    statement = text("""
        SELECT id, at, actor, act, subject, detail FROM audit
        WHERE id < :before ORDER BY id DESC LIMIT :most
    """)
    with engine.connect() as connection:
        rows = connection.execute(statement, {"before": 2**63 - 1 if before is None else before, "most": most})
        return [Entry(*row) for row in rows]
