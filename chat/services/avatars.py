"""The avatars table: one picture a user, as the service encoded it."""

from dataclasses import dataclass

from sqlalchemy import Engine, delete, select, text
from sqlalchemy.dialects.postgresql import insert

from chat.services import database, models


@dataclass(frozen=True, slots=True)
class Avatar:
    """version: a new number for each picture."""

    version: int
    picture: bytes


def find(engine: Engine, user_id: int) -> Avatar | None:
    statement = select(models.Avatar.version, models.Avatar.picture).where(models.Avatar.user_id == user_id)
    row = database.row(engine, statement)
    return Avatar(row.version, bytes(row.picture)) if row else None


def put(engine: Engine, user_id: int, picture: bytes) -> None:
    """Replaces the user's picture, if there is one."""
    statement = insert(models.Avatar).values(user_id=user_id, picture=picture)
    replaced = {"version": text("DEFAULT"), "picture": statement.excluded.picture}
    database.run(engine, statement.on_conflict_do_update(index_elements=["user_id"], set_=replaced))


def remove(engine: Engine, user_id: int) -> None:
    """Removes the user's picture, if there is one."""
    database.run(engine, delete(models.Avatar).where(models.Avatar.user_id == user_id))
