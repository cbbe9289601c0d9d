"""The rooms and memberships tables. What a reader may not see is not found: access is part of each query."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, text

from chat.domain.names import id_of, is_id, name_key
from chat.domain.shapes import RoomKind, RoomRef
from chat.services import events

READABLE = """
    CASE r.kind
        WHEN 'open' THEN true
        WHEN 'direct' THEN :reader IN (r.first_user_id, r.second_user_id)
        ELSE EXISTS (SELECT FROM memberships m WHERE m.room_id = r.id AND m.user_id = :reader)
    END
"""


@dataclass(frozen=True, slots=True)
class RoomRow:
    """A room as the database has it; members counts the pair of a direct conversation."""

    id: int
    name: str | None
    kind: RoomKind
    owner_id: int | None
    owner_name: str | None
    members: int
    messages: int
    bytes: int
    created_at: datetime
    expires_at: datetime | None


_ROOMS = f"""
    SELECT r.id, r.name, r.kind, r.owner_id, o.name AS owner_name,
        CASE r.kind WHEN 'direct' THEN 2 ELSE (SELECT count(*) FROM memberships m WHERE m.room_id = r.id) END AS members,
        r.messages, r.bytes, r.created_at, r.expires_at
    FROM rooms r LEFT JOIN users o ON o.id = r.owner_id
    WHERE {READABLE}
"""


def find(engine: Engine, reference: str, reader_id: int) -> RoomRow | None:
    """By id or by name, if this reader may know of it."""
    match = "AND r.id = :id" if is_id(reference) else "AND r.name_key = :name"
    values: dict[str, Any] = {"id": id_of(reference)} if is_id(reference) else {"name": name_key(reference)}
    rooms = _read(engine, _ROOMS + match, values | {"reader": reader_id})
    return rooms[0] if rooms else None


@dataclass(frozen=True, slots=True)
class Listing:
    """Which page of the list of rooms: those whose name contains this, above an id, so many."""

    name: str
    above: int
    most: int


def listed(engine: Engine, listing: Listing, reader_id: int) -> list[RoomRow]:
    """Open rooms, and closed ones that the reader is a member of, in id order."""
    where = "AND r.kind <> 'direct' AND r.id > :above AND strpos(r.name_key, :name) > 0 ORDER BY r.id LIMIT :most"
    values = {"reader": reader_id, "above": listing.above, "name": name_key(listing.name), "most": listing.most}
    return _read(engine, _ROOMS + where, values)


def _read(engine: Engine, statement: str, values: dict[str, Any]) -> list[RoomRow]:
    with engine.connect() as connection:
        return [RoomRow(**row) for row in connection.execute(text(statement), values).mappings()]


def refs(engine: Engine, wanted: Sequence[tuple[str, int]]) -> list[RoomRef | None]:
    """The rooms of (reference, reader) pairs in one query: by id or by name, None for what the reader may not know of."""
    statement = text(f"""
        SELECT p.place, r.id, r.name, r.kind
        FROM unnest(CAST(:ids AS bigint[]), CAST(:names AS text[]), CAST(:readers AS bigint[]))
            WITH ORDINALITY AS p (id, name, reader, place)
        JOIN rooms r ON r.id = p.id OR r.name_key = p.name
        WHERE {READABLE.replace(":reader", "p.reader")}
    """)
    values = {
        "ids": [id_of(reference) if is_id(reference) else None for reference, _ in wanted],
        "names": [None if is_id(reference) else name_key(reference) for reference, _ in wanted],
        "readers": [reader for _, reader in wanted],
    }
    with engine.connect() as connection:
        found = {row.place: RoomRef(row.id, row.name, row.kind) for row in connection.execute(statement, values)}
    return [found.get(place) for place in range(1, len(wanted) + 1)]


def readable(engine: Engine, pairs: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those of the (user, room) pairs in which the user may read the room now."""
    statement = text(f"""
        SELECT p.reader, r.id FROM unnest(CAST(:users AS bigint[]), CAST(:rooms AS bigint[])) AS p (reader, room_id)
        JOIN rooms r ON r.id = p.room_id WHERE {READABLE.replace(":reader", "p.reader")}
    """)
    values = {"users": [user for user, _ in pairs], "rooms": [room for _, room in pairs]}
    with engine.connect() as connection:
        return {(user, room) for user, room in connection.execute(statement, values)}


def joined(engine: Engine, user_ids: Sequence[int]) -> list[list[int]]:
    """The rooms that each of the users is a member of, in one query."""
    statement = text("SELECT user_id, array_agg(room_id ORDER BY room_id) FROM memberships WHERE user_id = ANY (:users) GROUP BY user_id")
    with engine.connect() as connection:
        found: dict[int, list[int]] = dict(connection.execute(statement, {"users": list(user_ids)}).tuples().all())
    return [found.get(user_id, []) for user_id in user_ids]


def create(engine: Engine, name: str, owner_id: int) -> tuple[int, int] | None:
    """Makes an open room whose owner is its first member; answers its id and the join's. None where the name is taken."""
    statement = """
        INSERT INTO rooms (kind, name, name_key, owner_id) VALUES ('open', :name, :key, :owner)
        ON CONFLICT ON CONSTRAINT rooms_name_taken DO NOTHING RETURNING id
    """
    with engine.begin() as connection:
        events.lock_log(connection)
        room_id = connection.scalar(text(statement), {"name": name, "key": name_key(name), "owner": owner_id})
        return (room_id, _join(connection, room_id, owner_id)) if room_id is not None else None


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


def join(engine: Engine, room_id: int, user_id: int) -> int | None:
    """Makes the user a member of an open room; answers the event's id, None for one who is a member already."""
    with engine.begin() as connection:
        events.lock_log(connection)
        member = text("SELECT FROM memberships WHERE room_id = :room AND user_id = :user")
        if connection.execute(member, {"room": room_id, "user": user_id}).first() is not None:
            return None
        return _join(connection, room_id, user_id)


def leave(engine: Engine, room_id: int, user_id: int) -> int | None:
    """Ends the membership; answers the event's id, None for one who is no member."""
    with engine.begin() as connection:
        events.lock_log(connection)
        gone = connection.execute(
            text("DELETE FROM memberships WHERE room_id = :room AND user_id = :user"),
            {"room": room_id, "user": user_id},
        )
        return events.append(connection, "leave", user_id, room_id=room_id) if gone.rowcount else None


def _join(connection: Connection, room_id: int, user_id: int) -> int:
    event_id = events.append(connection, "join", user_id, room_id=room_id)
    connection.execute(
        text("INSERT INTO memberships (room_id, user_id, since) VALUES (:room, :user, :since)"),
        {"room": room_id, "user": user_id, "since": event_id},
    )
    return event_id
