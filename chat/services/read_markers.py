"""The read_markers table: up to where somebody has read a room. A marker moves forward only, and no further than the room goes."""

from dataclasses import dataclass

from sqlalchemy import Engine, text

from chat.domain.refusals import NotAMember
from chat.services.unread import COUNTED, READING, Reader


@dataclass(frozen=True, slots=True)
class Marked:
    """Where the marker stands now, and what is unread above it."""

    read: int
    unread: int
    mentions: int


# The room's newest event is the newest of the statement's own snapshot: what is counted as unread is all that lies above.
_MARK = text(f"""
    WITH place AS (
        SELECT r.id, read.upto, least(:upto, newest.id) AS wanted FROM rooms r {READING}
        CROSS JOIN LATERAL (SELECT coalesce(max(id), 0) AS id FROM events WHERE room_id = r.id) newest
        WHERE r.id = :room AND r.ended_at IS NULL
    ), moved AS (
        INSERT INTO read_markers (user_id, room_id, upto)
        SELECT :reader, id, wanted FROM place WHERE wanted > upto
        ON CONFLICT (user_id, room_id) DO UPDATE SET upto = excluded.upto WHERE read_markers.upto < excluded.upto
        RETURNING upto
    )
    SELECT r.upto IS NOT NULL AS member, read.upto, counted.unread, counted.mentions
    FROM place r LEFT JOIN moved read ON true {COUNTED}
""")


def mark(engine: Engine, room_id: int, reader: Reader, upto: int) -> Marked | None:
    """None where the marker stays where it is. The engine is in autocommit. Raises NotAMember."""
    with engine.connect() as connection:
        row = connection.execute(_MARK, reader.values | {"room": room_id, "upto": upto}).one_or_none()
    if row is not None and not row.member:
        raise NotAMember
    return Marked(row.upto, row.unread, row.mentions) if row is not None and row.upto is not None else None
