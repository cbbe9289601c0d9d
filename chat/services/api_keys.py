"""The api_keys table: what an operator, or a program that acts for one, uses instead of a session. Only a keyed hash is stored."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Engine, Row, func, insert, or_, select, update

from chat.services import audit_log, database, models
from chat.services.audit_log import AdminAction
from chat.services.tokens import hash_token, new_token

Scope = Literal["admin", "rooms"]
SCOPES: tuple[Scope, ...] = ("admin", "rooms")
USED_EVERY = timedelta(minutes=1)  # used_at is written at most this often


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret."""

    id: int
    name: str
    scope: Scope
    created_at: datetime
    used_at: datetime | None
    ended_at: datetime | None

    @property
    def actor(self) -> str:
        """The key's name in the audit log."""
        return f"key {self.id} ({self.name})"


_TABLE = models.ApiKey
_KEYS = select(_TABLE.id, _TABLE.name, _TABLE.scope, _TABLE.created_at, _TABLE.used_at, _TABLE.ended_at)
_LIVING = _TABLE.ended_at.is_(None)


def new_key(scope: Scope) -> str:
    """256 random bits, after a prefix that tells a finder what they are."""
    return f"chat_{scope}_{new_token()}"


def add(engine: Engine, actor: str, name: str, scope: Scope, key_hash: bytes) -> int:
    """Returns the key's id."""
    statement = insert(_TABLE).values(name=name, scope=scope, key_hash=key_hash).returning(_TABLE.id)
    with engine.begin() as connection:
        key_id = connection.execute(statement).scalar_one()
        audit_log.write(connection, AdminAction(actor, "key added", f"key {key_id} ({name})", {"scope": scope}))
        return key_id


def end(engine: Engine, actor: str, key_id: int) -> bool:
    """Ends a key for good. Returns False if there is no living key of this id."""
    statement = update(_TABLE).where(_TABLE.id == key_id, _LIVING).values(ended_at=func.now()).returning(_TABLE.name)
    with engine.begin() as connection:
        name = connection.scalar(statement)
        if name is None:
            return False
        audit_log.write(connection, AdminAction(actor, "key ended", f"key {key_id} ({name})"))
        return True


def listed(engine: Engine) -> list[ApiKey]:
    """All keys, also ended ones, in id order."""
    return [_key(row) for row in database.rows(engine, _KEYS.order_by(_TABLE.id))]


def find(engine: Engine, key: str, secret_key: str) -> ApiKey | None:
    """The living key of this secret. The index compares hashes; the row's hash is compared once more, in constant time."""
    key_hash = hash_token(key, secret_key)
    statement = _KEYS.add_columns(_TABLE.key_hash).where(_TABLE.key_hash == key_hash, _LIVING)
    with engine.connect() as connection:
        row = connection.execute(statement).one_or_none()
        if row is None or not hmac.compare_digest(bytes(row.key_hash), key_hash):
            return None
        _note_use(connection, row.id)
        return _key(row)


def by_id(engine: Engine, key_id: int) -> ApiKey | None:
    """A living key by its id, for the holder of a signed cookie that names it."""
    with engine.connect() as connection:
        row = connection.execute(_KEYS.where(_TABLE.id == key_id, _LIVING)).one_or_none()
        if row is None:
            return None
        _note_use(connection, row.id)
        return _key(row)


def _note_use(connection: Connection, key_id: int) -> None:
    due = or_(_TABLE.used_at.is_(None), _TABLE.used_at < func.now() - USED_EVERY)
    connection.execute(update(_TABLE).where(_TABLE.id == key_id, due).values(used_at=func.now()))


def _key(row: Row[*tuple[Any, ...]]) -> ApiKey:
    return ApiKey(row.id, row.name, row.scope, row.created_at, row.used_at, row.ended_at)
