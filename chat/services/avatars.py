"""The avatars table: one picture a user, as the service encoded it."""

from dataclasses import dataclass

from sqlalchemy import Engine, text


@dataclass(frozen=True, slots=True)
class Avatar:
    """version: another one for each picture there ever was."""

    version: int
    picture: bytes


def find(engine: Engine, user_id: int) -> Avatar | None:
    statement = text("SELECT version, picture FROM avatars WHERE user_id = :user")
    with engine.connect() as connection:
        row = connection.execute(statement, {"user": user_id}).one_or_none()
    return Avatar(row.version, bytes(row.picture)) if row else None


def put(engine: Engine, user_id: int, picture: bytes) -> None:
    """In the place of any other."""
    statement = text("""
        INSERT INTO avatars (user_id, picture) VALUES (:user, :picture)
        ON CONFLICT (user_id) DO UPDATE SET version = DEFAULT, picture = excluded.picture
    """)
    with engine.connect() as connection:
        connection.execute(statement, {"user": user_id, "picture": picture})


def delete(engine: Engine, user_id: int) -> None:
    """Also where there is none."""
    with engine.connect() as connection:
        connection.execute(text("DELETE FROM avatars WHERE user_id = :user"), {"user": user_id})
