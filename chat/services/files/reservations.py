"""Reservations: rows of `files` without `stored_at`. A row is inserted before a byte is stored, so that concurrent uploads cannot exceed
a limit together. The transaction that posts the message turns it into a file."""

from dataclasses import dataclass

from sqlalchemy import Engine, text

from chat.domain.refusals import OverLimit, UploadTooSlow
from chat.services import database
from chat.services.files.store import new_key, preview_key

LOCK = 7_241_959_302  # any number that no other program locks: one reservation at a time
LEAST_BYTES = 16 * 1024  # the least that a file counts for in the limits: a row and a block cost something
UPLOAD_SECONDS = 600.0  # from reservation to commit; an older reservation is swept


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of one file, and of all files of a user, of a room and of the service."""

    file: int
    user: int
    room: int
    service: int


@dataclass(frozen=True, slots=True)
class Upload:
    """Where and by whom a file is uploaded. The room exists; the commit checks whether the sender may post there."""

    room_id: int
    sender_id: int
    session_id: int
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Reservation:
    id: int
    key: str


@dataclass(frozen=True, slots=True)
class Content:
    """The properties of an uploaded file."""

    name: str
    type: str
    size: int
    sha256: bytes
    text: str
    preview_size: int | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class EarlierPost:
    """The post that an Idempotency-Key made before. name, sha256: None if it was no upload. corrected: edited or deleted since."""

    event_id: int
    room_id: int
    text: str
    name: str | None
    sha256: bytes | None
    corrected: bool


_USED = text("""
    SELECT coalesce(sum(greatest(size, :least)) FILTER (WHERE user_id = :user), 0) AS user,
        coalesce(sum(greatest(size, :least)) FILTER (WHERE room_id = :room), 0) AS room,
        coalesce(sum(greatest(size, :least)), 0) AS service
    FROM files
""")
_RESERVE = text("""
    INSERT INTO files (room_id, user_id, name, type, size, key) VALUES (:room, :user, 'upload', '', :size, :key) RETURNING id
""")


def reserve(engine: Engine, upload: Upload, size: int, limits: Limits) -> Reservation:
    """Reserves `size` bytes. The file's name is written at the commit, when the upload is complete. Raises OverLimit."""
    key = new_key()
    values = {"user": upload.sender_id, "room": upload.room_id, "least": LEAST_BYTES, "size": size, "key": key}
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        used = connection.execute(_USED, values).mappings().one()
        for whose in ("user", "room", "service"):
            if used[whose] + max(size, LEAST_BYTES) > getattr(limits, whose):
                raise OverLimit(whose)
        return Reservation(connection.execute(_RESERVE, values).scalar_one(), key)


# Rights, key and counter are handled as for any post. The event becomes one of kind file before the commit makes it visible.
_POST = text("""
    SELECT id FROM post_messages(ARRAY[CAST(:room AS bigint)], ARRAY[CAST(:sender AS bigint)], ARRAY[CAST(:session AS bigint)],
        ARRAY[CAST(:text AS text)], ARRAY[CAST(:key AS text)], ARRAY[CAST(NULL AS bigint)])
""")
_STORED = text("""
    UPDATE files SET name = :name, type = :type, size = :size, sha256 = :sha256, preview_key = :preview_key,
        preview_size = :preview_size, width = :width, height = :height, stored_at = clock_timestamp()
    WHERE id = :file AND stored_at IS NULL AND created_at > clock_timestamp() - :seconds * interval '1 second'
""")
_ATTACH = text("UPDATE events SET kind = 'file', file_id = :file WHERE id = :event")
_COUNT = text("UPDATE rooms SET bytes = bytes + :size WHERE id = :room")


def commit(engine: Engine, upload: Upload, reserved: Reservation, content: Content) -> int | None:
    """Posts the message of a stored file. Returns the event's id, None if the sender may not post there or the key was used.

    Raises UploadTooSlow."""
    post = {"room": upload.room_id, "sender": upload.sender_id, "session": upload.session_id, "text": content.text}
    with engine.begin() as connection:
        event_id: int | None = connection.scalar(_POST, post | {"key": upload.idempotency_key})
        if event_id is None:
            return None
        if not connection.execute(_STORED, _stored(reserved, content)).rowcount:
            raise UploadTooSlow
        connection.execute(_ATTACH, {"file": reserved.id, "event": event_id})
        connection.execute(_COUNT, {"size": content.size, "room": upload.room_id})
        return event_id


def _stored(reserved: Reservation, content: Content) -> dict[str, object]:
    values = {name: getattr(content, name) for name in ("name", "type", "size", "sha256", "preview_size", "width", "height")}
    preview = preview_key(reserved.key) if content.preview_size else None
    return values | {"file": reserved.id, "preview_key": preview, "seconds": UPLOAD_SECONDS}


def find_earlier(engine: Engine, upload: Upload) -> EarlierPost | None:
    """The post that the sender made with this key before."""
    statement = text("""
        SELECT e.id AS event_id, e.room_id, e.text, f.name, f.sha256,
            e.kind = 'file' AND (e.edited_at IS NOT NULL OR e.deleted_at IS NOT NULL) AS corrected
        FROM events e LEFT JOIN files f ON f.id = e.file_id
        WHERE e.sender_id = :sender AND e.idempotency_key = :key
    """)
    if upload.idempotency_key is None:
        return None
    row = database.row(engine, statement, {"sender": upload.sender_id, "key": upload.idempotency_key})
    if row is None:
        return None
    sha256 = None if row.sha256 is None else bytes(row.sha256)  # a memoryview equals no bytes
    return EarlierPost(row.event_id, row.room_id, row.text, row.name, sha256, row.corrected)
