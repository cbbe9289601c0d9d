"""The users table."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Row, select, update
from sqlalchemy.dialects.postgresql import insert

from chat.domain.close_reason import CloseReason
from chat.domain.refusals import NameTaken
from chat.domain.shapes.answers import User as UserShape
from chat.domain.shapes.answers import avatar_url
from chat.domain.validation import id_of, is_id, name_key
from chat.services import database, events, sessions
from chat.services.models import Avatar, User

_USERS = select(User.id, User.name, User.created_at, User.about, Avatar.version).outerjoin(Avatar, Avatar.user_id == User.id)


@dataclass(frozen=True, slots=True)
class Account:
    """A user with what signing in verifies."""

    user: UserShape
    password_hash: str


def create(engine: Engine, name: str, hashed: str) -> UserShape:
    """Raises NameTaken."""
    statement = (
        insert(User)
        .values(name=name, name_key=name_key(name), password_hash=hashed)
        .on_conflict_do_nothing(constraint="users_name_taken")
        .returning(User.id, User.name, User.created_at)
    )
    row = database.row(engine, statement)
    if row is None:
        raise NameTaken(name)
    return UserShape(row.id, row.name, row.created_at, about="", avatar_url=None)


def find_account(engine: Engine, name: str) -> Account | None:
    statement = _USERS.add_columns(User.password_hash).where(User.name_key == name_key(name))
    row = database.row(engine, statement)
    return Account(_shape(row), row.password_hash) if row else None


def password_hash(engine: Engine, user_id: int) -> str:
    return str(database.value(engine, select(User.password_hash).where(User.id == user_id)))


@dataclass(frozen=True, slots=True)
class NewPassword:
    """present, new: hashes of the passwords. session_id: the session that changes it, and that stays."""

    user_id: int
    session_id: int
    present: str
    new: str


def change_password(engine: Engine, change: NewPassword) -> events.IdRange | None:
    """Replaces the password and ends all other sessions of the user. Returns None if the password is another one by now."""
    statement = update(User).where(User.id == change.user_id, User.password_hash == change.present).values(password_hash=change.new)
    with events.appending(engine) as connection:
        if connection.execute(statement.returning(User.id)).one_or_none() is None:
            return None
        return sessions.end_all(connection, change.user_id, CloseReason.PASSWORD_CHANGED, but=change.session_id)


def set_about(engine: Engine, user_id: int, about: str) -> None:
    """Replaces the text that a user shows about themselves."""
    database.run(engine, update(User).where(User.id == user_id).values(about=about))


def find(engine: Engine, reference: str) -> UserShape | None:
    """By id or by name."""
    match = User.id == id_of(reference) if is_id(reference) else User.name_key == name_key(reference)
    row = database.row(engine, _USERS.where(match))
    return _shape(row) if row else None


def search(engine: Engine, name: str, above: int, most: int) -> list[UserShape]:
    """Users with an id above `above` whose name contains `name`, in id order."""
    statement = _USERS.where(User.id > above, User.name_key.contains(name_key(name), autoescape=True)).order_by(User.id).limit(most)
    return [_shape(row) for row in database.rows(engine, statement)]


def _shape(row: Row[*tuple[Any, ...]]) -> UserShape:
    avatar = None if row.version is None else avatar_url(row.id, row.version)
    return UserShape(row.id, row.name, row.created_at, row.about, avatar)


def names_of(engine: Engine, user_ids: Collection[int]) -> dict[int, str]:
    """Names by id."""
    return {row.id: row.name for row in database.rows(engine, select(User.id, User.name).where(User.id.in_(user_ids)))}
