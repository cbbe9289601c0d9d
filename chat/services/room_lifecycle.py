"""The end of a room: once, with one last event, after the last message that was accepted. Then nothing is left of what was said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Engine, text

from chat.services import events

Reason = Literal["expired", "empty", "owner", "operator"]

AT_ONCE = 100  # rooms looked up in one go: there may be thousands that end at the same hour
DELETED = 500  # rows in one transaction: whoever locks them meanwhile waits for milliseconds

# Everybody has left a room that had members. One that a program made for others waits for its first ones.
DESERTED = """
    NOT EXISTS (SELECT FROM memberships m WHERE m.room_id = r.id)
    AND EXISTS (SELECT FROM events e WHERE e.room_id = r.id AND e.kind = 'join')
"""


def close(engine: Engine, room_id: int, reason: Reason) -> int | None:
    """Ends a room with a `room_closed` event; answers the event's id, None where it has ended already, on whatever worker.

    Its invite key ends with it. What was said in it is purged later, when every worker has told its streams."""
    return _close(engine, room_id, reason, "r.kind <> 'direct'")


def expire(engine: Engine, room_id: int) -> int | None:
    """Ends a room whose hour has come, unless its owner has just put it off; answers as `close`."""
    return _close(engine, room_id, "expired", "r.expires_at <= now()")


def close_empty(engine: Engine, room_id: int, grace_seconds: float) -> int | None:
    """Ends a room that ends when empty, if its last member has left or nobody has been there for so long; answers as `close`."""
    due = f"r.expires = 'when_empty' AND (r.empty_since <= now() - :grace * interval '1 second' OR ({DESERTED}))"
    return _close(engine, room_id, "empty", due, {"grace": grace_seconds})


def close_within(connection: Connection, room_id: int, reason: Reason) -> int | None:
    """As `close`, in a transaction that holds no lock yet."""
    return _close_within(connection, room_id, reason, "r.kind <> 'direct'")


def _close(engine: Engine, room_id: int, reason: Reason, due: str, values: Mapping[str, Any] | None = None) -> int | None:
    with engine.begin() as connection:
        return _close_within(connection, room_id, reason, due, values)


def _close_within(connection: Connection, room_id: int, reason: Reason, due: str, values: Mapping[str, Any] | None = None) -> int | None:
    ended = text(f"UPDATE rooms r SET ended_at = now() WHERE r.id = :id AND r.ended_at IS NULL AND {due}")
    events.lock_log(connection)
    if not connection.execute(ended, {"id": room_id, **(values or {})}).rowcount:
        return None
    connection.execute(text("DELETE FROM invites WHERE room_id = :id"), {"id": room_id})
    return events.append(connection, "room_closed", None, room_id=room_id, reason=reason)


def due(engine: Engine) -> list[int]:
    """Rooms whose hour has come."""
    statement = text("SELECT id FROM rooms WHERE ended_at IS NULL AND expires_at <= now() ORDER BY expires_at LIMIT :most")
    with engine.connect() as connection:
        return list(connection.scalars(statement, {"most": AT_ONCE}))


@dataclass(frozen=True, slots=True)
class EphemeralRoom:
    """A living room that ends when empty. empty: nobody was there when it was last looked at; over: that is so for the grace time."""

    id: int
    deserted: bool
    empty: bool
    over: bool


def fleeting(engine: Engine, grace_seconds: float) -> list[EphemeralRoom]:
    """All of them."""
    statement = text(f"""
        SELECT r.id, {DESERTED} AS deserted, r.empty_since IS NOT NULL AS empty,
            coalesce(r.empty_since <= now() - :grace * interval '1 second', false) AS over
        FROM rooms r WHERE r.ended_at IS NULL AND r.expires = 'when_empty' ORDER BY r.id
    """)
    with engine.connect() as connection:
        return [EphemeralRoom(*row) for row in connection.execute(statement, {"grace": grace_seconds})]


def set_empty(engine: Engine, room_ids: Sequence[int]) -> None:
    """Nobody is there, from now on unless that was known before."""
    _set(engine, "empty_since = now()", "empty_since IS NULL", room_ids)


def set_busy(engine: Engine, room_ids: Sequence[int]) -> None:
    """Somebody is there."""
    _set(engine, "empty_since = NULL", "empty_since IS NOT NULL", room_ids)


def _set(engine: Engine, change: str, but: str, room_ids: Sequence[int]) -> None:
    if not room_ids:
        return
    statement = f"UPDATE rooms SET {change} WHERE id = ANY (:ids) AND ended_at IS NULL AND expires = 'when_empty' AND {but}"
    with engine.connect() as connection:
        connection.execute(text(statement), {"ids": list(room_ids)})


@dataclass(frozen=True, slots=True)
class Ended:
    """A room of which something may be left. closed: the id of its last event."""

    id: int
    closed: int


def to_purge(engine: Engine) -> list[Ended]:
    """Some rooms that have ended and are not purged: any, so that one whose files cannot be deleted keeps no other waiting."""
    statement = text("""
        SELECT r.id, e.id FROM rooms r
        JOIN LATERAL (SELECT max(id) AS id FROM events WHERE room_id = r.id AND kind = 'room_closed') e ON e.id IS NOT NULL
        WHERE r.ended_at IS NOT NULL AND r.purged_at IS NULL ORDER BY random() LIMIT :most
    """)
    with engine.connect() as connection:
        return [Ended(*row) for row in connection.execute(statement, {"most": AT_ONCE})]


def delete_events(engine: Engine, room: Ended) -> int:
    """All but the room's last one, some at a time; answers how many there were. The engine is in autocommit."""
    deleted = 0
    statement = text("""
        DELETE FROM events WHERE id IN (
            SELECT id FROM events WHERE room_id = :room AND id <> :closed ORDER BY id LIMIT :most
        )
    """)
    with engine.connect() as connection:
        while some := connection.execute(statement, {"room": room.id, "closed": room.closed, "most": DELETED}).rowcount:
            deleted += some
    return deleted


def settle(engine: Engine, room: Ended) -> None:
    """Notes that nothing is left. The engine is in autocommit."""
    with engine.connect() as connection:
        for table in ("invites", "read_markers"):
            connection.execute(text(f"DELETE FROM {table} WHERE room_id = :room"), {"room": room.id})
        connection.execute(
            text("UPDATE rooms SET messages = 0, bytes = 0, purged_at = now() WHERE id = :room AND purged_at IS NULL"), {"room": room.id}
        )
