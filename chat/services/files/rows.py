"""The rows of `files`: reading and deleting them."""

from dataclasses import dataclass, replace

from sqlalchemy import Engine, text

from chat.services import database
from chat.services.files.reservations import Reservation
from chat.services.permissions import OVER, SINCE, VISIBLE


@dataclass(frozen=True, slots=True)
class FileRow:
    """A stored file that the reader may read. over: its room is over."""

    name: str
    type: str
    size: int
    sha256: bytes
    key: str
    preview_key: str | None
    preview_size: int | None
    over: bool


def find(engine: Engine, file_id: int, reader_id: int) -> FileRow | None:
    """The file, if the reader may read its message."""
    statement = text(f"""
        SELECT f.name, f.type, f.size, f.sha256, f.key, f.preview_key, f.preview_size, {OVER} AS over
        FROM files f JOIN events e ON e.file_id = f.id JOIN rooms r ON r.id = e.room_id
        WHERE f.id = :id AND f.stored_at IS NOT NULL AND {VISIBLE} AND e.id > {SINCE}
    """)
    row = database.row(engine, statement, {"id": file_id, "reader": reader_id})
    return replace(FileRow(*row), sha256=bytes(row.sha256)) if row else None


def keys_of_room(engine: Engine, room_id: int) -> list[str]:
    return [row.key for row in database.rows(engine, text("SELECT key FROM files WHERE room_id = :room"), {"room": room_id})]


def delete_of_room(engine: Engine, room_id: int) -> None:
    """Deletes all rows of the room but those of uploads under way: their requests, or the sweep, must still find what they stored."""
    database.run(engine, text("DELETE FROM files WHERE room_id = :room AND stored_at IS NOT NULL"), {"room": room_id})


def find_stale(engine: Engine, seconds: float, most: int) -> list[Reservation]:
    """Reservations older than `seconds`, whose requests are over. One whose commit is under way is skipped."""
    statement = text("""
        SELECT id, key FROM files WHERE stored_at IS NULL AND created_at < clock_timestamp() - :seconds * interval '1 second'
        ORDER BY created_at LIMIT :most FOR UPDATE SKIP LOCKED
    """)
    return [Reservation(*row) for row in database.rows(engine, statement, {"seconds": seconds, "most": most})]


def is_under_way(engine: Engine, file_id: int) -> bool:
    """Whether the file is still a reservation. It waits for a commit whose outcome is not known yet."""
    return bool(database.value(engine, text("SELECT stored_at IS NULL FROM files WHERE id = :id FOR UPDATE"), {"id": file_id}))


def find_removed(engine: Engine, most: int, file_id: int | None = None) -> list[Reservation]:
    """Files of deleted messages, the one with this id or some in random order: one whose bytes cannot be deleted must not block others."""
    statement = text("""
        SELECT id, key FROM files WHERE removed_at IS NOT NULL AND id = coalesce(:id, id) ORDER BY random() LIMIT :most
    """)
    return [Reservation(*row) for row in database.rows(engine, statement, {"id": file_id, "most": most})]


def delete_removed(engine: Engine, file_id: int) -> None:
    """Deletes the row of a deleted message's file, once its bytes are gone."""
    database.run(engine, text("DELETE FROM files WHERE id = :id AND removed_at IS NOT NULL"), {"id": file_id})


def delete_reservation(engine: Engine, file_id: int) -> None:
    """Deletes the row of a failed upload, once its bytes are gone."""
    database.run(engine, text("DELETE FROM files WHERE id = :id AND stored_at IS NULL"), {"id": file_id})
