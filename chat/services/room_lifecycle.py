"""The end of a room: it ends once, with one last event after the last accepted message. Then its messages are purged."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, Engine, text

from chat.services import database, events

Reason = Literal["expired", "empty", "owner", "operator"]

AT_ONCE = 100  # rooms looked up in one query: thousands may end at the same time
DELETED = 500  # rows in one transaction: another transaction waits milliseconds for their locks

# A room that had members and has none now. A room that a program created waits for its first ones.
DESERTED = """
    NOT EXISTS (SELECT FROM memberships m WHERE m.room_id = r.id)
    AND EXISTS (SELECT FROM events e WHERE e.room_id = r.id AND e.kind = 'join')
"""


def close(engine: Engine, room_id: int, reason: Reason) -> int | None:
    """Ends a room and its invite key with a `room_closed` event. Returns the event's id, None if the room has ended already.

    Its messages are purged later, when every worker has delivered the event."""
    with events.appending(engine) as connection:
        return close_within(connection, room_id, reason)


def expire(engine: Engine, room_id: int) -> int | None:
    """Ends a room that is past its expiry, unless its owner has just moved it. Returns as `close`."""
    with events.appending(engine) as connection:
        return close_within(connection, room_id, "expired", "r.expires_at <= now()")


def close_empty(engine: Engine, room_id: int, grace_seconds: float) -> int | None:
    """Ends a `when_empty` room whose last member has left, or in which nobody was present for the grace time. Returns as `close`."""
    due = f"r.expires = 'when_empty' AND (r.empty_since <= now() - :grace * interval '1 second' OR ({DESERTED}))"
    with events.appending(engine) as connection:
        return close_within(connection, room_id, "empty", due, grace=grace_seconds)


def close_within(connection: Connection, room_id: int, reason: Reason, due: str = "r.kind <> 'direct'", **values: object) -> int | None:
    """Like `close`, in a transaction of `events.appending`. due: a condition on the room `r`, with its values."""
    ended = text(f"UPDATE rooms r SET ended_at = now() WHERE r.id = :id AND r.ended_at IS NULL AND {due}")
    if not connection.execute(ended, {"id": room_id, **values}).rowcount:
        return None
    connection.execute(text("DELETE FROM invites WHERE room_id = :id"), {"id": room_id})
    return events.append(connection, "room_closed", None, room_id=room_id, reason=reason)


def expired(engine: Engine) -> list[int]:
    """The ids of rooms that are past their expiry and have not ended, the longest overdue first."""
    statement = text("SELECT id FROM rooms WHERE ended_at IS NULL AND expires_at <= now() ORDER BY expires_at LIMIT :most")
    return [row.id for row in database.rows(engine, statement, {"most": AT_ONCE})]


@dataclass(frozen=True, slots=True)
class Occupancy:
    """Of a living `when_empty` room. deserted: all members have left. empty: nobody was present at the last check. over: nobody was for
    the grace time."""

    id: int
    deserted: bool
    empty: bool
    over: bool


def occupancies(engine: Engine, grace_seconds: float) -> list[Occupancy]:
    """Of all living `when_empty` rooms."""
    statement = text(f"""
        SELECT r.id, {DESERTED} AS deserted, r.empty_since IS NOT NULL AS empty,
            coalesce(r.empty_since <= now() - :grace * interval '1 second', false) AS over
        FROM rooms r WHERE r.ended_at IS NULL AND r.expires = 'when_empty' ORDER BY r.id
    """)
    return [Occupancy(*row) for row in database.rows(engine, statement, {"grace": grace_seconds})]


def set_empty(engine: Engine, room_ids: Sequence[int]) -> None:
    """Notes that nobody is present, since now unless that was noted before."""
    _set(engine, "empty_since = now()", "empty_since IS NULL", room_ids)


def set_occupied(engine: Engine, room_ids: Sequence[int]) -> None:
    """Notes that somebody is present."""
    _set(engine, "empty_since = NULL", "empty_since IS NOT NULL", room_ids)


def _set(engine: Engine, change: str, condition: str, room_ids: Sequence[int]) -> None:
    if not room_ids:
        return
    statement = f"UPDATE rooms SET {change} WHERE id = ANY (:ids) AND ended_at IS NULL AND expires = 'when_empty' AND {condition}"
    database.run(engine, text(statement), {"ids": list(room_ids)})


@dataclass(frozen=True, slots=True)
class EndedRoom:
    """A room that may have content left. closed: the id of its last event."""

    id: int
    closed: int


def unpurged(engine: Engine) -> list[EndedRoom]:
    """Some of the ended rooms that are not purged, in random order: a room whose files cannot be deleted must not keep others waiting."""
    statement = text("""
        SELECT r.id, e.id FROM rooms r
        JOIN LATERAL (SELECT max(id) AS id FROM events WHERE room_id = r.id AND kind = 'room_closed') e ON e.id IS NOT NULL
        WHERE r.ended_at IS NOT NULL AND r.purged_at IS NULL ORDER BY random() LIMIT :most
    """)
    return [EndedRoom(*row) for row in database.rows(engine, statement, {"most": AT_ONCE})]


def delete_events(engine: Engine, room: EndedRoom) -> int:
    """Deletes all events of the room but its last, in batches. Returns how many there were. The engine is in autocommit."""
    deleted = 0
    statement = text("""
        DELETE FROM events WHERE id IN (
            SELECT id FROM events WHERE room_id = :room AND id <> :closed ORDER BY id LIMIT :most
        )
    """)
    with engine.connect() as connection:
        while count := connection.execute(statement, {"room": room.id, "closed": room.closed, "most": DELETED}).rowcount:
            deleted += count
    return deleted


def mark_purged(engine: Engine, room: EndedRoom) -> None:
    """Deletes the room's invites and read markers, and notes that nothing is left. The engine is in autocommit."""
    with engine.connect() as connection:
        for table in ("invites", "read_markers"):
            connection.execute(text(f"DELETE FROM {table} WHERE room_id = :room"), {"room": room.id})
        connection.execute(
            text("UPDATE rooms SET messages = 0, bytes = 0, purged_at = now() WHERE id = :room AND purged_at IS NULL"), {"room": room.id}
        )
