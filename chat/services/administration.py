"""What an operator sees of rooms and users, and does to them: whatever their owners chose, each act with its entry in the audit log.

No query here asks who may see what: only the use case of administration calls them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Engine, text

from chat.domain.refusals import NameTaken
from chat.domain.shapes.refs import RoomKind
from chat.domain.validation import id_of, is_id, name_key
from chat.services import audit, events, room_lifecycle, sessions
from chat.services.audit import AdminAction
from chat.services.permissions import LIVING, SESSION_ALIVE


@dataclass(frozen=True, slots=True)
class RoomLine:
    """A living room, as an operator's list has it. age in seconds; connections are not for the database to say."""

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
class UserLine:
    """A user, as an operator's list has one. sessions: those that live."""

    id: int
    name: str
    created_at: datetime
    banned_at: datetime | None
    sessions: int


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody or something, by what it is called."""

    id: int
    name: str


def rooms(engine: Engine, name: str, above: int, most: int) -> list[RoomLine]:
    """Living rooms whose name contains this, in id order above an id."""
    statement = text(f"""
        SELECT r.id, r.name, r.kind, o.name AS owner, (SELECT count(*) FROM memberships m WHERE m.room_id = r.id) AS members,
            r.messages, r.bytes, r.created_at, greatest(0, extract(epoch FROM now() - r.created_at))::float8 AS age, r.expires, r.expires_at
        FROM rooms r LEFT JOIN users o ON o.id = r.owner_id
        WHERE {LIVING} AND r.id > :above AND strpos(r.name_key, :name) > 0 ORDER BY r.id LIMIT :most
    """)
    with engine.connect() as connection:
        rows = connection.execute(statement, {"above": above, "name": name_key(name), "most": most}).mappings()
        return [RoomLine(**row) for row in rows]


def rooms_named(engine: Engine, references: Sequence[str]) -> dict[str, Named]:
    """Those of the references that are living rooms' ids or names, in one query."""
    ids = [id_of(reference) for reference in references if is_id(reference)]
    keys = [name_key(reference) for reference in references if not is_id(reference)]
    statement = text(f"SELECT r.id, r.name, r.name_key FROM rooms r WHERE {LIVING} AND (r.id = ANY (:ids) OR r.name_key = ANY (:keys))")
    with engine.connect() as connection:
        found = connection.execute(statement, {"ids": ids, "keys": keys}).all()
    by_id = {row.id: Named(row.id, row.name) for row in found}
    by_key = {row.name_key: Named(row.id, row.name) for row in found}
    rooms = {reference: by_id.get(id_of(reference)) if is_id(reference) else by_key.get(name_key(reference)) for reference in references}
    return {reference: room for reference, room in rooms.items() if room is not None}


def users(engine: Engine, name: str, above: int, most: int) -> list[UserLine]:
    """Users whose name contains this, in id order above an id."""
    statement = text(f"""
        SELECT u.id, u.name, u.created_at, u.banned_at,
            (SELECT count(*) FROM sessions s WHERE s.user_id = u.id AND {SESSION_ALIVE}) AS sessions
        FROM users u WHERE u.id > :above AND strpos(u.name_key, :name) > 0 ORDER BY u.id LIMIT :most
    """)
    with engine.connect() as connection:
        rows = connection.execute(statement, {"above": above, "name": name_key(name), "most": most})
        return [UserLine(*row) for row in rows]


def user_names(engine: Engine, user_ids: Collection[int]) -> dict[int, str]:
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT id, name FROM users WHERE id = ANY (:ids)"), {"ids": list(user_ids)})
        return {row.id: row.name for row in rows}


def make_room(engine: Engine, name: str, action: AdminAction) -> int:
    """An open room without an owner; its id. Raises NameTaken."""
    statement = text("""
        INSERT INTO rooms (kind, name, name_key) VALUES ('open', :name, :key)
        ON CONFLICT (name_key) WHERE ended_at IS NULL DO NOTHING RETURNING id
    """)
    with engine.begin() as connection:
        events.lock_log(connection)  # as whoever renames a room to this does
        room_id: int | None = connection.scalar(statement, {"name": name, "key": name_key(name)})
        if room_id is None:
            raise NameTaken(name)
        audit.write(connection, action)
        return room_id


def close_room(engine: Engine, room_id: int, action: AdminAction) -> int | None:
    """Answers the event's id, None where the room has ended already."""
    with engine.begin() as connection:
        event_id = room_lifecycle.close_within(connection, room_id, "operator")
        if event_id is not None:
            audit.write(connection, action)
        return event_id


def living_rooms(engine: Engine) -> list[int]:
    """The ids of all of them."""
    with engine.connect() as connection:
        return list(connection.scalars(text(f"SELECT r.id FROM rooms r WHERE {LIVING} ORDER BY r.id")))


def announce(engine: Engine, room_ids: Sequence[int], message: str, action: AdminAction | None) -> events.IdRange:
    """One event in each of these rooms that still lives."""
    with engine.begin() as connection:
        events.lock_log(connection)
        if action is not None:
            audit.write(connection, action)
        return events.append_many(connection, _ANNOUNCE, {"rooms": list(room_ids), "text": message})


def ban(engine: Engine, user_id: int, action: AdminAction) -> events.IdRange | None:
    """Ends all sessions of the user, who signs in no more; None for one who was banned already."""
    statement = text("UPDATE users SET banned_at = now() WHERE id = :user AND banned_at IS NULL")
    with engine.begin() as connection:
        events.lock_log(connection)
        if not connection.execute(statement, {"user": user_id}).rowcount:
            return None
        audit.write(connection, action)
        return sessions.end_all(connection, user_id, "banned")


def unban(engine: Engine, user_id: int, action: AdminAction) -> bool:
    """False for one who was not banned."""
    statement = text("UPDATE users SET banned_at = NULL WHERE id = :user AND banned_at IS NOT NULL")
    with engine.begin() as connection:
        unbanned = bool(connection.execute(statement, {"user": user_id}).rowcount)
        if unbanned:
            audit.write(connection, action)
        return unbanned


def end_sessions(engine: Engine, user_id: int, action: AdminAction) -> events.IdRange:
    with engine.begin() as connection:
        events.lock_log(connection)
        audit.write(connection, action)
        return sessions.end_all(connection, user_id, "ended")


# Takes as many ids as it writes events, in one statement: a transaction that takes no longer for many than for one.
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
