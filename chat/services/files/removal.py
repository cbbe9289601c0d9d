"""Removing files: the bytes first and then the row, so that an interrupted removal can be repeated from the row."""

from sqlalchemy import Engine, text

from chat.services import database
from chat.services.files.reservations import UPLOAD_SECONDS, Reservation
from chat.services.files.store import Store, preview_key

STALE_SECONDS = UPLOAD_SECONDS + 60  # after this no request can commit it, however slow the database was
SWEPT = 100  # in one sweep; the next one continues


def remove_room(engine: Engine, store: Store, room_id: int) -> None:
    """Removes all files of a room, whose events must be deleted already. It may be repeated. Raises StoreFailed.

    The rows of uploads under way stay: their requests, or the sweep, must still find what they stored."""
    for row in database.rows(engine, text("SELECT key FROM files WHERE room_id = :room"), {"room": room_id}):
        _remove_bytes(store, row.key)
    database.run(engine, text("DELETE FROM files WHERE room_id = :room AND stored_at IS NOT NULL"), {"room": room_id})


def remove_deleted(engine: Engine, store: Store, file_id: int | None = None) -> int:
    """Removes files of deleted messages, the one with this id or some in random order: one whose bytes cannot be deleted must not block
    others. Returns how many. The sweep repeats what failed. Raises StoreFailed."""
    statement = text("""
        SELECT id, key FROM files WHERE removed_at IS NOT NULL AND id = coalesce(:id, id) ORDER BY random() LIMIT :most
    """)
    removed = database.rows(engine, statement, {"id": file_id, "most": SWEPT})
    for row in removed:
        _remove_bytes(store, row.key)
        database.run(engine, text("DELETE FROM files WHERE id = :id AND removed_at IS NOT NULL"), {"id": row.id})
    return len(removed)


def remove_reserved(engine: Engine, store: Store, reserved: Reservation) -> None:
    """Removes a failed upload unless it is a file by now. It waits for a commit whose outcome is not known yet. Raises StoreFailed."""
    statement = text("SELECT stored_at IS NULL FROM files WHERE id = :id FOR UPDATE")
    if database.value(engine, statement, {"id": reserved.id}):
        _remove_unstored(engine, store, reserved)


def sweep(engine: Engine, store: Store, seconds: float = STALE_SECONDS) -> int:
    """Removes the remains of killed workers' uploads, and files of deleted messages. Returns how many. Raises StoreFailed.

    A reservation whose commit is under way is skipped."""
    statement = text("""
        SELECT id, key FROM files WHERE stored_at IS NULL AND created_at < clock_timestamp() - :seconds * interval '1 second'
        ORDER BY created_at LIMIT :most FOR UPDATE SKIP LOCKED
    """)
    stale = database.rows(engine, statement, {"seconds": seconds, "most": SWEPT})
    for row in stale:
        _remove_unstored(engine, store, Reservation(*row))
    return len(stale) + remove_deleted(engine, store)


def _remove_unstored(engine: Engine, store: Store, reserved: Reservation) -> None:
    _remove_bytes(store, reserved.key)
    database.run(engine, text("DELETE FROM files WHERE id = :id AND stored_at IS NULL"), {"id": reserved.id})


def _remove_bytes(store: Store, key: str) -> None:
    """Deletes a file and its preview from the store."""
    store.delete(key)
    store.delete(preview_key(key))
