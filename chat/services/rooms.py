"""The rooms and memberships tables. What a reader may not see is not found: access is part of each query."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Engine, Row, text

from chat.domain.refusals import NameTaken, RoomEnded, TooManyMembers, WrongExpiry
from chat.domain.shapes.refs import RoomKind, RoomRef
from chat.domain.validation import MOST_HOURS, id_of, is_id, name_key
from chat.services import events
from chat.services.memberships import add_member
from chat.services.permissions import LIVING, OVER, SINCE, VISIBLE
from chat.services.unread import COUNTED, NEWEST, READING, Reader


@dataclass(frozen=True, slots=True)
class RoomRow:
    """A room as the database has it, for one reader; members counts the pair of a direct conversation. over: it has ended."""

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
    """What one reader may do with a room it may know of. since: reads what is above this id; None where it must join first."""

    room: RoomRef
    owner_id: int | None
    over: bool
    since: int | None


def _rooms(wanted: str) -> str:
    """The rooms that a condition with an order and a limit finds: what is counted is counted of these alone."""
    return f"""
        SELECT r.id, r.name, r.kind, r.topic, r.owner_id, o.name AS owner_name,
            CASE r.kind WHEN 'direct' THEN 2 ELSE (SELECT count(*) FROM memberships m WHERE m.room_id = r.id) END AS members,
            r.max_members, r.messages, r.bytes, r.created_at, r.expires, r.expires_at, {OVER} AS over,
            read.upto IS NOT NULL AS joined, read.upto AS read, counted.unread, counted.mentions, {NEWEST} AS newest
        FROM (SELECT * FROM rooms r WHERE {VISIBLE} AND {wanted}) r
        LEFT JOIN users o ON o.id = r.owner_id {READING} {COUNTED} ORDER BY r.id
    """


def find(engine: Engine, reference: str, reader: Reader) -> RoomRow | None:
    """By id or by name, if this reader may know of it; of several that had the name the living one, else the newest."""
    match = "r.id = :id" if is_id(reference) else "r.name_key = :name"
    values: dict[str, Any] = {"id": id_of(reference)} if is_id(reference) else {"name": name_key(reference)}
    order = "ORDER BY r.ended_at IS NULL DESC, r.id DESC LIMIT 1"
    rooms = _read(engine, _rooms(f"{match} {order}"), values | reader.values)
    return rooms[0] if rooms else None


@dataclass(frozen=True, slots=True)
class Listing:
    """Which page of the list of rooms: those whose name contains this, above an id, so many."""

    name: str
    above: int
    most: int


def listed(engine: Engine, listing: Listing, reader: Reader) -> list[RoomRow]:
    """Open rooms, and closed ones that the reader is a member of, in id order; none that ended."""
    wanted = f"{LIVING} AND r.id > :above AND strpos(r.name_key, :name) > 0 ORDER BY r.id LIMIT :most"
    values = {"above": listing.above, "name": name_key(listing.name), "most": listing.most}
    return _read(engine, _rooms(wanted), values | reader.values)


def _read(engine: Engine, statement: str, values: dict[str, Any]) -> list[RoomRow]:
    with engine.connect() as connection:
        return [RoomRow(**row) for row in connection.execute(text(statement), values).mappings()]


def accesses(engine: Engine, wanted: Sequence[tuple[str, int]]) -> list[Access | None]:
    """The rooms of (reference, reader) pairs in one query: by id or by name, None for what the reader may not know of."""
    statement = text(f"""
        SELECT p.place, found.* FROM unnest(CAST(:ids AS bigint[]), CAST(:names AS text[]), CAST(:readers AS bigint[]))
            WITH ORDINALITY AS p (id, name, reader, place),
        LATERAL (
            (SELECT {_ACCESS} FROM rooms r WHERE r.id = p.id AND {_of_pair(VISIBLE)})
            UNION ALL
            (SELECT {_ACCESS} FROM rooms r WHERE r.name_key = p.name AND {_of_pair(VISIBLE)}
                ORDER BY r.ended_at IS NULL DESC, r.id DESC LIMIT 1)
        ) found
    """)
    values = {
        "ids": [id_of(reference) if is_id(reference) else None for reference, _ in wanted],
        "names": [None if is_id(reference) else name_key(reference) for reference, _ in wanted],
        "readers": [reader for _, reader in wanted],
    }
    with engine.connect() as connection:
        found = {row.place: _access(row) for row in connection.execute(statement, values)}
    return [found.get(place) for place in range(1, len(wanted) + 1)]


def _of_pair(condition: str) -> str:
    """The condition, for the reader of each pair."""
    return condition.replace(":reader", "p.reader")


_ACCESS = f"r.id, r.name, r.kind, r.owner_id, {OVER} AS over, {_of_pair(SINCE)} AS since"


def _access(row: Row[Any]) -> Access:
    return Access(RoomRef(row.id, row.name, row.kind), row.owner_id, row.over, row.since)


def readable(engine: Engine, pairs: Collection[tuple[int, int]], *, ended: bool = False) -> dict[tuple[int, int], int]:
    """Those of the (user, room) pairs in which the user may read the room now, and above which id; `ended`: or might until it ended."""
    statement = text(f"""
        SELECT p.reader, r.id, since.above FROM unnest(CAST(:users AS bigint[]), CAST(:rooms AS bigint[])) AS p (reader, room_id)
        JOIN rooms r ON r.id = p.room_id, LATERAL (SELECT {_of_pair(SINCE)} AS above) since
        WHERE {_of_pair(VISIBLE)} AND (:ended OR r.ended_at IS NULL) AND since.above IS NOT NULL
    """)
    values = {"users": [user for user, _ in pairs], "rooms": [room for _, room in pairs], "ended": ended}
    with engine.connect() as connection:
        return {(user, room): above for user, room, above in connection.execute(statement, values)}


@dataclass(frozen=True, slots=True)
class Joined:
    """A room that somebody is a member of, and the id above which that one reads it. closed: the last event of one that ended."""

    room_id: int
    since: int
    closed: int | None


def joined(engine: Engine, user_ids: Sequence[int]) -> list[list[Joined]]:
    """The rooms that each of the users is a member of, in one query; also those that ended, whose last event one may not have seen."""
    statement = text("""
        SELECT m.user_id, m.room_id, CASE WHEN r.expires IS NULL THEN 0 ELSE m.since - 1 END AS since,
            CASE WHEN r.ended_at IS NOT NULL THEN (SELECT max(e.id) FROM events e WHERE e.room_id = r.id) END AS closed
        FROM memberships m JOIN rooms r ON r.id = m.room_id
        WHERE m.user_id = ANY (:users) AND (r.ended_at IS NULL OR r.ended_at > now() - interval '1 day') ORDER BY m.room_id
    """)
    found: dict[int, list[Joined]] = {}
    with engine.connect() as connection:
        for user_id, *room in connection.execute(statement, {"users": list(user_ids)}):
            found.setdefault(user_id, []).append(Joined(*room))
    return [found.get(user_id, []) for user_id in user_ids]


@dataclass(frozen=True, slots=True)
class NewRoom:
    """A room to be created, checked in form. hours: until it ends. A room without an owner belongs to a program."""

    name: str
    owner_id: int | None
    kind: Literal["open", "closed"] = "open"
    topic: str = ""
    max_members: int | None = None
    expires: Literal["at", "when_empty"] | None = None
    hours: float | None = None


def create(engine: Engine, new: NewRoom, key_hash: Callable[[int], bytes] | None = None) -> tuple[int, int | None]:
    """Makes a room whose owner is its first member; answers its id and the join's. Raises NameTaken.

    key_hash: makes a closed room's invite key, for its id, and answers the hash."""
    statement = """
        INSERT INTO rooms (kind, name, name_key, owner_id, topic, max_members, expires, expires_at)
        VALUES (:kind, :name, :name_key, :owner_id, :topic, :max_members, :expires, now() + :hours * interval '1 hour')
        ON CONFLICT (name_key) WHERE ended_at IS NULL DO NOTHING RETURNING id
    """
    values = {field: getattr(new, field) for field in ("kind", "name", "owner_id", "topic", "max_members", "expires", "hours")}
    with engine.begin() as connection:
        events.lock_log(connection)
        room_id = connection.scalar(text(statement), values | {"name_key": name_key(new.name)})
        if room_id is None:
            raise NameTaken(new.name)
        if key_hash is not None:
            set_invite(connection, room_id, key_hash(room_id))
        return room_id, add_member(connection, room_id, new.owner_id) if new.owner_id is not None else None


@dataclass(frozen=True, slots=True)
class Change:
    """What an owner changes of a room: None stays as it is, but for max_members, which says whether it is to change."""

    name: str | None = None
    topic: str | None = None
    max_members: int | None = None
    bounds: bool = False
    hours: float | None = None


def change(engine: Engine, room_id: int, change: Change) -> int:
    """Answers the event's id. Raises RoomEnded, WrongExpiry, TooManyMembers, NameTaken."""
    with engine.begin() as connection:
        events.lock_log(connection)
        room = connection.execute(_CHANGING, {"id": room_id, "hours": change.hours}).one()
        if room.over:
            raise RoomEnded
        if change.hours is not None and not room.in_time:
            raise WrongExpiry
        if change.bounds and change.max_members is not None and change.max_members < room.members:
            raise TooManyMembers
        if change.name is not None and connection.scalar(_NAMESAKE, {"id": room_id, "key": name_key(change.name)}):
            raise NameTaken(change.name)
        key = name_key(change.name) if change.name is not None else None
        connection.execute(_CHANGE, {"id": room_id, "key": key} | {name: getattr(change, name) for name in Change.__slots__})
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
        max_members = CASE WHEN :bounds THEN CAST(:max_members AS integer) ELSE max_members END,
        expires_at = coalesce(now() + CAST(:hours AS float8) * interval '1 hour', expires_at)
    WHERE id = :id
""")


def set_invite(connection: Connection, room_id: int, key_hash: bytes) -> None:
    """The key that lets into a closed room from now on; an earlier one ends."""
    statement = """
        INSERT INTO invites (room_id, key_hash) VALUES (:room, :hash)
        ON CONFLICT (room_id) DO UPDATE SET key_hash = excluded.key_hash, created_at = now()
    """
    connection.execute(text(statement), {"room": room_id, "hash": key_hash})


def renew_invite(engine: Engine, room_id: int, key_hash: bytes) -> bool:
    """False where the room has ended, or is not closed."""
    living = text(f"SELECT true FROM rooms r WHERE r.id = :id AND r.kind = 'closed' AND NOT {OVER} FOR NO KEY UPDATE")
    with engine.begin() as connection:
        if not connection.scalar(living, {"id": room_id}):
            return False
        set_invite(connection, room_id, key_hash)
        return True


def begin_conversation(engine: Engine, one_id: int, other_id: int) -> int:
    """The direct room of two people, made unless somebody else just has. Users stay, so both exist."""
    statement = text("""
        INSERT INTO rooms (kind, first_user_id, second_user_id) VALUES ('direct', :first, :second)
        ON CONFLICT ON CONSTRAINT rooms_one_conversation_a_pair DO UPDATE SET kind = 'direct' RETURNING id
    """)
    with engine.begin() as connection:
        return int(connection.execute(statement, {"first": min(one_id, other_id), "second": max(one_id, other_id)}).scalar_one())


def conversation_of(engine: Engine, one_id: int, other_id: int) -> int | None:
    """The direct room of two people, None where they never wrote to each other."""
    statement = text("SELECT id FROM rooms WHERE first_user_id = :first AND second_user_id = :second")
    pair = {"first": min(one_id, other_id), "second": max(one_id, other_id)}
    with engine.connect() as connection:
        found: int | None = connection.scalar(statement, pair)
        return found
