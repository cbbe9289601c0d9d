"""The invites table: the key that lets users into a closed room. The client has the key; the table has only its keyed hash."""

import secrets

from sqlalchemy import Connection, Engine, text

from chat.services.permissions import OVER

KEY_BYTES = 20

# Whether a :hash is that of the key of a room `r`.
KEY_FITS = "EXISTS (SELECT FROM invites i WHERE i.room_id = r.id AND i.key_hash = :hash)"


def new_key(room_id: int) -> str:
    """The room's id, by which a client finds the room, and 160 random bits."""
    return f"{room_id}-{secrets.token_urlsafe(KEY_BYTES)}"


def set_key(connection: Connection, room_id: int, key_hash: bytes) -> None:
    """Replaces the key of a closed room."""
    statement = """
        INSERT INTO invites (room_id, key_hash) VALUES (:room, :hash)
        ON CONFLICT (room_id) DO UPDATE SET key_hash = excluded.key_hash, created_at = now()
    """
    connection.execute(text(statement), {"room": room_id, "hash": key_hash})


def renew_key(engine: Engine, room_id: int, key_hash: bytes) -> bool:
    """Returns False if the room is over, or is not closed."""
    living = text(f"SELECT true FROM rooms r WHERE r.id = :id AND r.kind = 'closed' AND NOT {OVER} FOR NO KEY UPDATE")
    with engine.begin() as connection:
        if not connection.scalar(living, {"id": room_id}):
            return False
        set_key(connection, room_id, key_hash)
        return True
