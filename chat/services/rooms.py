"""The rooms table. What a reader may not see is not found: access is part of each query."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Engine, Row, text

from chat.domain.refusals import NameTaken, RoomEnded, TooManyMembers, WrongExpiry
from chat.domain.shapes.refs import RoomKind, RoomRef
from chat.domain.validation import MOST_HOURS, id_of, is_id, name_key
from chat.services import database, events, invites
from chat.services.memberships import add_member
from chat.services.permissions import LIVING, OVER, SINCE, VISIBLE
from chat.services.unread import NEWEST_ID, READ_JOIN, UNREAD_JOIN, Reader


@dataclass(frozen=True, slots=True)
class RoomRow:
    """A room for one reader. members: 2 in a conversation. read: up to which event the reader has read."""

    id: int
    name: str | None
    kind: RoomKind
    topic: str
    owner_id: int | None
    owner_name: str | None
    members: int
    max_members: int | None
    messages: int
    bytes: int
    created_at: datetime
    expires: Literal["at", "when_empty"] | None
    expires_at: datetime | None
    joined: bool
    read: int | None
    unread: int
    mentions: int
    newest: int
    over: bool


@dataclass(frozen=True, slots=True)
class Access:
    """What a reader may do in a room that is visible to them. since: they read what is above this id; None if they must join first."""

    room: RoomRef
    owner_id: int | None
    over: bool
    since: int | None


def _rooms(condition: str) -> str:
    """The visible rooms of a condition with its order and limit. Only these are counted in."""
    return f"""
        SELECT r.id, r.name, r.kind, r.topic, r.owner_id, o.name AS owner_name,
            CASE r.kind WHEN 'direct' THEN 2 ELSE (SELECT count(*) FROM memberships m WHERE m.room_id = r.id) END AS members,
            r.max_members, r.messages, r.bytes, r.created_at, r.expires, r.expires_at, {OVER} AS over,
            read.upto IS NOT NULL AS joined, read.upto AS read, counted.unread, counted.mentions, {NEWEST_ID} AS newest
        FROM (SELECT * FROM rooms r WHERE {VISIBLE} AND {condition}) r
        LEFT JOIN users o ON o.id = r.owner_id {READ_JOIN} {UNREAD_JOIN} ORDER BY r.id
    """


def find(engine: Engine, reference: str, reader: Reader) -> RoomRow | None:
    """By id or by name. Of several rooms that had the name it is the living one, else the newest."""
    match = "r.id = :id" if is_id(reference) else "r.name_key = :name"
    values: dict[str, Any] = {"id": id_of(reference)} if is_id(reference) else {"name": name_key(reference)}
    rooms = _read(engine, _rooms(f"{match} {_LIVING_FIRST} LIMIT 1"), values | reader.values)
    return rooms[0] if rooms else None


def page(engine: Engine, reader: Reader, name: str, above: int, most: int) -> list[RoomRow]:
    """Living open rooms, and living closed ones that the reader is a member of, with an id above `above` and a name that contains `name`,
    in id order."""
    condition = f"{LIVING} AND r.id > :above AND strpos(r.name_key, :name) > 0 ORDER BY r.id LIMIT :most"
    return _read(engine, _rooms(condition), {"above": above, "name": name_key(name), "most": most} | reader.values)


def _read(engine: Engine, statement: str, values: dict[str, Any]) -> list[RoomRow]:
    with engine.connect() as connection:
        return [RoomRow(**row) for row in connection.execute(text(statement), values).mappings()]


def accesses(engine: Engine, pairs: Sequence[tuple[str, int]]) -> list[Access | None]:
    """The access of each (reference, reader) pair, in one query. A reference is an id or a name. None for a room that is not visible."""
    statement = text(f"""
        SELECT p.place, room.* FROM unnest(CAST(:ids AS bigint[]), CAST(:names AS text[]), CAST(:readers AS bigint[]))
            WITH ORDINALITY AS p (id, name, reader, place),
        LATERAL (
            (SELECT {_ACCESS} FROM rooms r WHERE r.id = p.id AND {_for_pair(VISIBLE)})
            UNION ALL
            (SELECT {_ACCESS} FROM rooms r WHERE r.name_key = p.name AND {_for_pair(VISIBLE)}
                {_LIVING_FIRST} LIMIT 1)
        ) room
    """)
    values = {
        "ids": [id_of(reference) if is_id(reference) else None for reference, _ in pairs],
        "names": [None if is_id(reference) else name_key(reference) for reference, _ in pairs],
        "readers": [reader for _, reader in pairs],
    }
    by_place = {row.place: _access(row) for row in database.rows(engine, statement, values)}
    return [by_place.get(place) for place in range(1, len(pairs) + 1)]


def _for_pair(condition: str) -> str:
    """A condition on :reader, for the reader of each pair `p`."""
    return condition.replace(":reader", "p.reader")


_LIVING_FIRST = "ORDER BY r.ended_at IS NULL DESC, r.id DESC"
_ACCESS = f"r.id, r.name, r.kind, r.owner_id, {OVER} AS over, {_for_pair(SINCE)} AS since"


def _access(row: Row[Any]) -> Access:
    return Access(RoomRef(row.id, row.name, row.kind), row.owner_id, row.over, row.since)


def readable(engine: Engine, pairs: Collection[tuple[int, int]], *, ended: bool = False) -> dict[tuple[int, int], int]:
    """The (user, room) pairs in which the user may read the room, with the id above which they read. `ended`: also rooms that ended."""
    statement = text(f"""
        SELECT p.reader, r.id, since.above FROM unnest(CAST(:users AS bigint[]), CAST(:rooms AS bigint[])) AS p (reader, room_id)
        JOIN rooms r ON r.id = p.room_id, LATERAL (SELECT {_for_pair(SINCE)} AS above) since
        WHERE {_for_pair(VISIBLE)} AND (:ended OR r.ended_at IS NULL) AND since.above IS NOT NULL
    """)
    values = {"users": [user for user, _ in pairs], "rooms": [room for _, room in pairs], "ended": ended}
    return {(user, room): above for user, room, above in database.rows(engine, statement, values)}


@dataclass(frozen=True, slots=True)
class JoinedRoom:
    """A room and the id above which its member reads it. closed: the last event of a room that ended."""

    room_id: int
    since: int
    closed: int | None


def joined_by(engine: Engine, user_ids: Sequence[int]) -> list[list[JoinedRoom]]:
    """The rooms that each user is a member of, in one query. Rooms that ended in the last day are among them: the user's clients may not
    have received their last event."""
    statement = text("""
        SELECT m.user_id, m.room_id, CASE WHEN r.expires IS NULL THEN 0 ELSE m.since - 1 END AS since,
            CASE WHEN r.ended_at IS NOT NULL THEN (SELECT max(e.id) FROM events e WHERE e.room_id = r.id) END AS closed
        FROM memberships m JOIN rooms r ON r.id = m.room_id
        WHERE m.user_id = ANY (:users) AND (r.ended_at IS NULL OR r.ended_at > now() - interval '1 day') ORDER BY m.room_id
    """)
    by_user: dict[int, list[JoinedRoom]] = {}
    for user_id, *room in database.rows(engine, statement, {"users": list(user_ids)}):
        by_user.setdefault(user_id, []).append(JoinedRoom(*room))
    return [by_user.get(user_id, []) for user_id in user_ids]


@dataclass(frozen=True, slots=True)
class RoomSpec:
    """A room to create; its form is checked. hours: until it ends. A program's room has no owner."""

    name: str
    owner_id: int | None
    kind: Literal["open", "closed"] = "open"
    topic: str = ""
    max_members: int | None = None
    expires: Literal["at", "when_empty"] | None = None
    hours: float | None = None


def create(engine: Engine, spec: RoomSpec, key_hash: Callable[[int], bytes] | None = None) -> tuple[int, int | None]:
    """Creates a room whose owner is its first member. Returns the room's id and the join event's. Raises NameTaken.

    key_hash: creates the invite key of a closed room, given the room's id, and returns the key's hash."""
    statement = """
        INSERT INTO rooms (kind, name, name_key, owner_id, topic, max_members, expires, expires_at)
        VALUES (:kind, :name, :name_key, :owner_id, :topic, :max_members, :expires, now() + :hours * interval '1 hour')
        ON CONFLICT (name_key) WHERE ended_at IS NULL DO NOTHING RETURNING id
    """
    values = {field: getattr(spec, field) for field in ("kind", "name", "owner_id", "topic", "max_members", "expires", "hours")}
    with events.appending(engine) as connection:
        room_id = connection.scalar(text(statement), values | {"name_key": name_key(spec.name)})
        if room_id is None:
            raise NameTaken(spec.name)
        if key_hash is not None:
            invites.set_key(connection, room_id, key_hash(room_id))
        return room_id, add_member(connection, room_id, spec.owner_id) if spec.owner_id is not None else None


@dataclass(frozen=True, slots=True)
class RoomChange:
    """What an owner changes: None leaves a field as it is. max_members is changed, also to None, if changes_max_members."""

    name: str | None = None
    topic: str | None = None
    max_members: int | None = None
    changes_max_members: bool = False
    hours: float | None = None


def change(engine: Engine, room_id: int, change: RoomChange) -> int:
    """Returns the event's id. Raises RoomEnded, WrongExpiry, TooManyMembers, NameTaken."""
    with events.appending(engine) as connection:
        room = connection.execute(_CHANGING, {"id": room_id, "hours": change.hours}).one()
        if room.over:
            raise RoomEnded
        if change.hours is not None and not room.in_time:
            raise WrongExpiry
        if change.changes_max_members and change.max_members is not None and change.max_members < room.members:
            raise TooManyMembers
        if change.name is not None and connection.scalar(_NAMESAKE, {"id": room_id, "key": name_key(change.name)}):
            raise NameTaken(change.name)
        key = name_key(change.name) if change.name is not None else None
        connection.execute(_CHANGE, {"id": room_id, "key": key} | {name: getattr(change, name) for name in RoomChange.__slots__})
        return events.append(connection, "room_changed", None, room_id=room_id)


_CHANGING = text(f"""
    SELECT {OVER} AS over, (SELECT count(*) FROM memberships m WHERE m.room_id = r.id) AS members,
        r.expires IS NOT DISTINCT FROM 'at'
            AND now() + CAST(:hours AS float8) * interval '1 hour' <= r.created_at + interval '{MOST_HOURS:g} hours' AS in_time
    FROM rooms r WHERE r.id = :id
""")
_NAMESAKE = text("SELECT true FROM rooms WHERE name_key = :key AND ended_at IS NULL AND id <> :id")
_CHANGE = text("""
    UPDATE rooms SET name = coalesce(:name, name), name_key = coalesce(:key, name_key), topic = coalesce(:topic, topic),
        max_members = CASE WHEN :changes_max_members THEN CAST(:max_members AS integer) ELSE max_members END,
        expires_at = coalesce(now() + CAST(:hours AS float8) * interval '1 hour', expires_at)
    WHERE id = :id
""")
