"""The audit table: who did what as an operator. Entries are added; the database itself refuses to change them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from chat.domain.validation import LARGEST_ID
from chat.services import database
from chat.services.models import AuditEntry


@dataclass(frozen=True, slots=True)
class AdminAction:
    """What an operator does: `act` in words, to or with `subject`."""

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


def write(connection: Connection, action: AdminAction) -> None:
    """Adds the entry in the transaction of the action itself, so that neither is committed without the other."""
    detail = json.dumps(action.detail, ensure_ascii=False) if action.detail else ""
    connection.execute(insert(AuditEntry).values(actor=action.actor, act=action.act, subject=action.subject, detail=detail))


def record(engine: Engine, action: AdminAction) -> None:
    """Adds the entry of an action that is no transaction."""
    with engine.begin() as connection:
        write(connection, action)


def entries(engine: Engine, before: int | None, most: int) -> list[Entry]:
    """Returns the newest entries below an id, newest first."""
    newest = select(*AuditEntry.__table__.columns).order_by(AuditEntry.id.desc()).limit(most)
    return [Entry(*row) for row in database.rows(engine, newest.where(AuditEntry.id < (LARGEST_ID if before is None else before)))]
