"""Reservations: rows of `files` without `stored_at`, made before a byte is stored, so that uploads at once cannot exceed a limit
together, and turned into files by the very transaction that posts their messages."""

from dataclasses import dataclass

from sqlalchemy import Engine, text

from chat.domain.refusals import OverLimit, UploadTooSlow
from chat.services.files.store import new_key, preview_key

LOCK = 7_241_959_302  # any number that no other program locks: one reservation at a time
LEAST_BYTES = 16 * 1024  # what the smallest file counts for in the limits: a row and a block are not nothing
UPLOAD_SECONDS = 600.0  # from reservation to commit: what is older is nobody's, and swept


@dataclass(frozen=True, slots=True)
class Limits:
    """In bytes: of one file, and of all files of a user, of a room, and of the service."""

    file: int
    user: int
    room: int
    service: int


@dataclass(frozen=True, slots=True)
class Upload:
    """What somebody wants to upload, and where: the room was found, whether one may post there is for the commit."""

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
    """What was found in an upload."""

    name: str
    type: str
    size: int
    sha256: bytes
    text: str
    preview_size: int | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an Idempotency-Key made before; without a file where it was no upload. corrected: edited or deleted since."""

    event_id: int
    room_id: int
    text: str
    name: str | None
    sha256: bytes | None
    corrected: bool


_TAKEN = text("""
    SELECT coalesce(sum(greatest(size, :least)) FILTER (WHERE user_id = :user), 0) AS user,
        coalesce(sum(greatest(size, :least)) FILTER (WHERE room_id = :room), 0) AS room,
        coalesce(sum(greatest(size, :least)), 0) AS service
    FROM files
""")
_RESERVE = text("""
    INSERT INTO files (room_id, user_id, name, type, size, key) VALUES (:room, :user, 'upload', '', :size, :key) RETURNING id
""")


def reserve(engine: Engine, upload: Upload, size: int, limits: Limits) -> Reservation:
    """Holds room for `size` bytes. Raises OverLimit. The name is told only by what was stored whole."""
    key = new_key()
    values = {"user": upload.sender_id, "room": upload.room_id, "least": LEAST_BYTES, "size": size, "key": key}
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        taken = connection.execute(_TAKEN, values).mappings().one()
        for whose in ("user", "room", "service"):
            if taken[whose] + max(size, LEAST_BYTES) > getattr(limits, whose):
                raise OverLimit(whose)
        return Reservation(connection.execute(_RESERVE, values).scalar_one(), key)


# The rights, the key and the counter are those of any other post; what makes it a file is added before anybody can see it.
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
    """Posts the message of what was stored; answers its id. Raises UploadTooSlow.

    None where the sender may not post there, or the key was used."""
    posting = {"room": upload.room_id, "sender": upload.sender_id, "session": upload.session_id, "text": content.text}
    with engine.begin() as connection:
        event_id: int | None = connection.scalar(_POST, posting | {"key": upload.idempotency_key})
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


def earlier(engine: Engine, upload: Upload) -> Earlier | None:
    """What the sender made with this key before."""
    statement = text("""
        SELECT e.id AS event_id, e.room_id, e.text, f.name, f.sha256,
            e.kind = 'file' AND (e.edited_at IS NOT NULL OR e.deleted_at IS NOT NULL) AS corrected
        FROM events e LEFT JOIN files f ON f.id = e.file_id
        WHERE e.sender_id = :sender AND e.idempotency_key = :key
    """)
    if upload.idempotency_key is None:
        return None
    with engine.connect() as connection:
        row = connection.execute(statement, {"sender": upload.sender_id, "key": upload.idempotency_key}).mappings().one_or_none()
    if row is None:
        return None
    return Earlier(**dict(row) | {"sha256": None if row["sha256"] is None else bytes(row["sha256"])})  # a view, which equals no bytes
