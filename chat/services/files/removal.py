"""Removing files: the bytes first and then the row, so that an interrupted removal can be repeated from the row."""

from sqlalchemy import Engine

from chat.services.files import rows
from chat.services.files.reservations import UPLOAD_SECONDS
from chat.services.files.store import Store, preview_key

STALE_SECONDS = UPLOAD_SECONDS + 60  # after this no request can commit it, however slow the database was
SWEPT = 100  # in one sweep; the next one continues


def remove_room(engine: Engine, store: Store, room_id: int) -> None:
    """Removes all files of a room, whose events must be deleted already. It may be repeated. Raises StoreFailed."""
    for key in rows.keys_of_room(engine, room_id):
        remove_bytes(store, key)
    rows.delete_of_room(engine, room_id)


def remove_deleted(engine: Engine, store: Store, file_id: int | None = None) -> int:
    """Removes files of deleted messages, the one with this id or some. Returns how many. The sweep
    repeats what failed. Raises StoreFailed."""
    removed = rows.find_removed(engine, SWEPT, file_id)
    for file in removed:
        remove_bytes(store, file.key)
        rows.delete_removed(engine, file.id)
    return len(removed)


def sweep(engine: Engine, store: Store, seconds: float = STALE_SECONDS) -> int:
    """Removes the remains of killed workers' uploads, and files of deleted messages. Returns how many. Raises StoreFailed."""
    stale = rows.find_stale(engine, seconds, SWEPT)
    for reserved in stale:
        remove_bytes(store, reserved.key)
        rows.delete_reservation(engine, reserved.id)
    return len(stale) + remove_deleted(engine, store)


def remove_bytes(store: Store, key: str) -> None:
    """Deletes a file and its preview from the store."""
    store.delete(key)
    store.delete(preview_key(key))
