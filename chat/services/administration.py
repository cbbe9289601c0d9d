"""What an operator sees of rooms and users, and does to them. Each action has its entry in the audit log, in the same transaction.

These queries check no rights: only the use case of administration calls them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Engine, text

from chat.domain.close_reason import CloseReason
from chat.domain.refusals import NameTaken
from chat.domain.shapes.refs import RoomKind
from chat.domain.validation import id_of, is_id, name_key
from chat.services import audit_log, database, events, room_lifecycle, sessions
from chat.services.audit_log import AdminAction
from chat.services.permissions import LIVING, SESSION_ALIVE


@dataclass(frozen=True, slots=True)
class RoomSummary:
    """A living room in an operator's list. age in seconds. connections: open streams, which the caller fills in from presence."""

    id: int
    name: str
    kind: RoomKind
    owner: str | None
    members: int
    messages: int
    bytes: int
    created_at: datetime
    age: float
    expires: Literal["at", "when_empty"] | None
    expires_at: datetime | None
    connections: int = 0


@dataclass(frozen=True, slots=True)
class UserSummary:
    """A user in an operator's list. sessions: the number of living ones."""

    id: int
    name: str
    created_at: datetime
    banned_at: datetime | None
    sessions: int


@dataclass(frozen=True, slots=True)
class NamedRoom:
    """A living room."""

    id: int
    name: str


def rooms(engine: Engine, name: str, above: int, most: int) -> list[RoomSummary]:
    """Living rooms with an id above `above` whose name contains `name`, in id order."""
    statement = text(f"""
        SELECT r.id, r.name, r.kind, o.name AS owner, (SELECT count(*) FROM memberships m WHERE m.room_id = r.id) AS members,
            r.messages, r.bytes, r.created_at, greatest(0, extract(epoch FROM now() - r.created_at))::float8 AS age, r.expires, r.expires_at
        FROM rooms r LEFT JOIN users o ON o.id = r.owner_id
        WHERE {LIVING} AND r.id > :above AND strpos(r.name_key, :name) > 0 ORDER BY r.id LIMIT :most
    """)
    return [RoomSummary(*row) for row in database.rows(engine, statement, {"above": above, "name": name_key(name), "most": most})]


def find_rooms(engine: Engine, references: Sequence[str]) -> dict[str, NamedRoom]:
    """The living rooms of these references (ids or names), in one query. A reference without one is left out."""
    ids = [id_of(reference) for reference in references if is_id(reference)]
    keys = [name_key(reference) for reference in references if not is_id(reference)]
    statement = text(f"SELECT r.id, r.name, r.name_key FROM rooms r WHERE {LIVING} AND (r.id = ANY (:ids) OR r.name_key = ANY (:keys))")
    rows = database.rows(engine, statement, {"ids": ids, "keys": keys})
    living = {key: NamedRoom(row.id, row.name) for row in rows for key in (row.id, row.name_key)}
    rooms = {reference: living.get(id_of(reference) if is_id(reference) else name_key(reference)) for reference in references}
    return {reference: room for reference, room in rooms.items() if room is not None}


def users(engine: Engine, name: str, above: int, most: int) -> list[UserSummary]:
    """Users with an id above `above` whose name contains `name`, in id order."""
    statement = text(f"""
        SELECT u.id, u.name, u.created_at, u.banned_at,
            (SELECT count(*) FROM sessions s WHERE s.user_id = u.id AND {SESSION_ALIVE}) AS sessions
        FROM users u WHERE u.id > :above AND strpos(u.name_key, :name) > 0 ORDER BY u.id LIMIT :most
    """)
    return [UserSummary(*row) for row in database.rows(engine, statement, {"above": above, "name": name_key(name), "most": most})]


def make_room(engine: Engine, name: str, action: AdminAction) -> int:
    """Creates an open room without an owner. Returns its id. Raises NameTaken."""
    statement = text("""
        INSERT INTO rooms (kind, name, name_key) VALUES ('open', :name, :key)
        ON CONFLICT (name_key) WHERE ended_at IS NULL DO NOTHING RETURNING id
    """)
    with events.appending(engine) as connection:  # it appends nothing, but a change of a room's name to this one holds the same lock
        room_id: int | None = connection.scalar(statement, {"name": name, "key": name_key(name)})
        if room_id is None:
            raise NameTaken(name)
        audit_log.write(connection, action)
        return room_id


def close_room(engine: Engine, room_id: int, action: AdminAction) -> int | None:
    """Ends a room. Returns the event's id, None if the room has ended already."""
    with events.appending(engine) as connection:
        event_id = room_lifecycle.close_within(connection, room_id, "operator")
        if event_id is not None:
            audit_log.write(connection, action)
        return event_id


def living_rooms(engine: Engine) -> list[int]:
    """The ids of all living rooms."""
    return [row.id for row in database.rows(engine, text(f"SELECT r.id FROM rooms r WHERE {LIVING} ORDER BY r.id"))]


def announce(engine: Engine, room_ids: Sequence[int], message: str, action: AdminAction | None) -> events.IdRange:
    """Posts an announcement in those of the rooms that are not over. action: None if the audit log has the announcement already."""
    with events.appending(engine) as connection:
        if action is not None:
            audit_log.write(connection, action)
        return events.append_many(connection, _ANNOUNCE, {"rooms": list(room_ids), "text": message})


def ban(engine: Engine, user_id: int, action: AdminAction) -> events.IdRange | None:
    """Ends all sessions of the user and bars them from signing in. Returns None if the user was banned already."""
    statement = text("UPDATE users SET banned_at = now() WHERE id = :user AND banned_at IS NULL")
    with events.appending(engine) as connection:
        if not connection.execute(statement, {"user": user_id}).rowcount:
            return None
        audit_log.write(connection, action)
        return sessions.end_all(connection, user_id, CloseReason.BANNED)


def unban(engine: Engine, user_id: int, action: AdminAction) -> bool:
    """Returns False if the user was not banned."""
    statement = text("UPDATE users SET banned_at = NULL WHERE id = :user AND banned_at IS NOT NULL")
    with engine.begin() as connection:
        unbanned = bool(connection.execute(statement, {"user": user_id}).rowcount)
        if unbanned:
            audit_log.write(connection, action)
        return unbanned


def end_sessions(engine: Engine, user_id: int, action: AdminAction) -> events.IdRange:
    with events.appending(engine) as connection:
        audit_log.write(connection, action)
        return sessions.end_all(connection, user_id, CloseReason.SESSION_ENDED)


# Takes as many ids as it writes events, in one statement: the counter is held for one round trip, whatever the number of rooms.
_ANNOUNCE = text(f"""
    WITH living AS (
        SELECT r.id, row_number() OVER (ORDER BY r.id) AS nth FROM rooms r WHERE r.id = ANY (:rooms) AND {LIVING}
    ), counted AS (
        UPDATE rooms SET messages = messages + 1, bytes = bytes + octet_length(:text) FROM living WHERE rooms.id = living.id
    ), taken AS (
        UPDATE log SET head = head + (SELECT count(*) FROM living) RETURNING head
    )
    INSERT INTO events (id, kind, room_id, text)
    SELECT taken.head - (SELECT count(*) FROM living) + nth, 'announcement', living.id, :text FROM living, taken
""")
