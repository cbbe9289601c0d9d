"""Taking files away: the bytes first and then the row, so that whatever breaks off can be done again from the row."""

from sqlalchemy import Engine

from chat.services.files import rows
from chat.services.files.reservations import UPLOAD_SECONDS
from chat.services.files.store import Store, preview_key

STALE_SECONDS = UPLOAD_SECONDS + 60  # after this nobody can commit it any more, however slow the database was
SWEPT = 100  # in one sweep: the next one goes on


def remove_room(engine: Engine, store: Store, room_id: int) -> None:
    """All files of a room, bytes and then rows; the events that name them must be gone. May be done again. Raises StoreFailed."""
    for key in rows.keys_of_room(engine, room_id):
        remove_bytes(store, key)
    rows.forget_room(engine, room_id)


def remove_deleted(engine: Engine, store: Store, file_id: int | None = None) -> int:
    """The files whose messages were deleted, that one or some; answers how many. What fails is left to the sweep. Raises StoreFailed."""
    removed = rows.removed(engine, SWEPT, file_id)
    for file in removed:
        remove_bytes(store, file.key)
        rows.forget_removed(engine, file.id)
    return len(removed)


def sweep(engine: Engine, store: Store, seconds: float = STALE_SECONDS) -> int:
    """Takes away what killed workers' uploads left, and deleted files that are still there; answers how many. Raises StoreFailed."""
    left = rows.stale(engine, seconds, SWEPT)
    for reserved in left:
        remove_bytes(store, reserved.key)
        rows.forget(engine, reserved.id)
    return len(left) + remove_deleted(engine, store)


def remove_bytes(store: Store, key: str) -> None:
    """Of a file and of its preview."""
    store.delete(key)
    store.delete(preview_key(key))
