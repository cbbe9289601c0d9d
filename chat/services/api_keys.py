"""The api_keys table: what an operator, or a program that acts for one, uses instead of a session. Only a keyed hash is kept."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Engine, Row, text

from chat.services import audit
from chat.services.audit import Act
from chat.services.tokens import hash_token, new_token

Scope = Literal["admin", "rooms"]
SCOPES: tuple[Scope, ...] = ("admin", "rooms")
USED_EVERY = "interval '1 minute'"  # used_at is written at most this often


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key, as everybody may see it who may see any."""

    id: int
    name: str
    scope: Scope
    created_at: datetime
    used_at: datetime | None
    ended_at: datetime | None

    @property
    def actor(self) -> str:
        """What the audit log calls it."""
        return f"key {self.id} ({self.name})"


_COLUMNS = "id, name, scope, created_at, used_at, ended_at"


def new_key(scope: Scope) -> str:
    """256 random bits, behind a word that tells whoever finds it what it is."""
    return f"chat_{scope}_{new_token()}"


def add(engine: Engine, actor: str, name: str, scope: Scope, key_hash: bytes) -> int:
    """Answers the key's id."""
    statement = text("INSERT INTO api_keys (name, scope, key_hash) VALUES (:name, :scope, :hash) RETURNING id")
    with engine.begin() as connection:
        key_id = int(connection.execute(statement, {"name": name, "scope": scope, "hash": key_hash}).scalar_one())
        audit.write(connection, Act(actor, "key added", f"key {key_id} ({name})", {"scope": scope}))
        return key_id


def end(engine: Engine, actor: str, key_id: int) -> bool:
    """From now on nobody gets in with it; False where there is no such key, or none that lives."""
    statement = text("UPDATE api_keys SET ended_at = now() WHERE id = :id AND ended_at IS NULL RETURNING name")
    with engine.begin() as connection:
        name = connection.scalar(statement, {"id": key_id})
        if name is None:
            return False
        audit.write(connection, Act(actor, "key ended", f"key {key_id} ({name})"))
        return True


def listed(engine: Engine) -> list[ApiKey]:
    """All there ever were, in id order."""
    with engine.connect() as connection:
        return [_key(row) for row in connection.execute(text(f"SELECT {_COLUMNS} FROM api_keys ORDER BY id"))]


def find(engine: Engine, key: str, secret_key: str) -> ApiKey | None:
    """The living key of this text. The index compares hashes, and what it found is compared once more, in constant time."""
    wanted = hash_token(key, secret_key)
    statement = text(f"SELECT {_COLUMNS}, key_hash FROM api_keys WHERE key_hash = :hash AND ended_at IS NULL")
    with engine.connect() as connection:
        row = connection.execute(statement, {"hash": wanted}).one_or_none()
        if row is None or not hmac.compare_digest(bytes(row.key_hash), wanted):
            return None
        _note_use(connection, row.id)
        return _key(row)


def by_id(engine: Engine, key_id: int) -> ApiKey | None:
    """A living key, of which a signed cookie says that its holder has shown it."""
    with engine.connect() as connection:
        row = connection.execute(text(f"SELECT {_COLUMNS} FROM api_keys WHERE id = :id AND ended_at IS NULL"), {"id": key_id}).one_or_none()
        if row is None:
            return None
        _note_use(connection, row.id)
        return _key(row)


def _note_use(connection: Any, key_id: int) -> None:
    statement = f"UPDATE api_keys SET used_at = now() WHERE id = :id AND (used_at IS NULL OR used_at < now() - {USED_EVERY})"
    connection.execute(text(statement), {"id": key_id})


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(row.id, row.name, row.scope, row.created_at, row.used_at, row.ended_at)
