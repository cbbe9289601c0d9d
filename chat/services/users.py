"""The users table."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, Row, select
from sqlalchemy.dialects.postgresql import insert

from chat.domain.names import id_of, is_id, name_key
from chat.domain.shapes import User as UserShape
from chat.services.models import User


@dataclass(frozen=True, slots=True)
class Account:
    """What signing in needs to know of a user."""

    user: UserShape
    password_hash: str


def create(engine: Engine, name: str, password_hash: str) -> UserShape | None:
    """The new user; None where the name is taken."""
    statement = (
        insert(User)
        .values(name=name, name_key=name_key(name), password_hash=password_hash)
        .on_conflict_do_nothing(constraint="users_name_taken")
        .returning(User.id, User.name, User.created_at)
    )
    with engine.begin() as connection:
        row = connection.execute(statement).one_or_none()
    return _shape(row) if row else None


def account(engine: Engine, name: str) -> Account | None:
    statement = select(User.id, User.name, User.created_at, User.password_hash).where(User.name_key == name_key(name))
    with engine.connect() as connection:
        row = connection.execute(statement).one_or_none()
    return Account(UserShape(row.id, row.name, row.created_at), row.password_hash) if row else None


def find(engine: Engine, reference: str) -> UserShape | None:
    """By id or by name."""
    match = User.id == id_of(reference) if is_id(reference) else User.name_key == name_key(reference)
    with engine.connect() as connection:
        row = connection.execute(select(User.id, User.name, User.created_at).where(match)).one_or_none()
    return _shape(row) if row else None


def matching(engine: Engine, name: str, above: int, most: int) -> list[UserShape]:
    """Users whose name contains this one, in id order above an id."""
    statement = (
        select(User.id, User.name, User.created_at)
        .where(User.id > above, User.name_key.contains(name_key(name), autoescape=True))
        .order_by(User.id)
        .limit(most)
    )
    with engine.connect() as connection:
        return [_shape(row) for row in connection.execute(statement)]


def _shape(row: "Row[int, str, datetime]") -> UserShape:
    user_id, name, created_at = row
    return UserShape(user_id, name, created_at)
