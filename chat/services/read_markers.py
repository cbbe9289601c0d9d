"""The read_markers table: up to which event a user has read a room. A marker moves only forward, at most to the room's newest event."""

from sqlalchemy import Engine, text

from chat.domain.refusals import NotAMember
from chat.domain.shapes.events import Read
from chat.domain.shapes.refs import RoomRef
from chat.services import database
from chat.services.unread import READ_JOIN, UNREAD_JOIN, Reader

# The room's newest event is that of the statement's own snapshot, so all messages above the marker are counted.
_MARK = text(f"""
    WITH place AS (
        SELECT r.id, read.upto, least(:upto, newest.id) AS target FROM rooms r {READ_JOIN}
        CROSS JOIN LATERAL (SELECT coalesce(max(id), 0) AS id FROM events WHERE room_id = r.id) newest
        WHERE r.id = :room AND r.ended_at IS NULL
    ), moved AS (
        INSERT INTO read_markers (user_id, room_id, upto)
        SELECT :reader, id, target FROM place WHERE target > upto
        ON CONFLICT (user_id, room_id) DO UPDATE SET upto = excluded.upto WHERE read_markers.upto < excluded.upto
        RETURNING upto
    )
    SELECT r.upto IS NOT NULL AS member, read.upto, counted.unread, counted.mentions
    FROM place r LEFT JOIN moved read ON true {UNREAD_JOIN}
""")


def mark(engine: Engine, room: RoomRef, reader: Reader, upto: int) -> Read | None:
    """Moves the marker; returns None if it stays where it is. The engine is in autocommit. Raises NotAMember."""
    row = database.row(engine, _MARK, reader.values | {"room": room.id, "upto": upto})
    if row is not None and not row.member:
        raise NotAMember
    return Read(room, row.upto, row.unread, row.mentions) if row is not None and row.upto is not None else None
