"""The memberships and bans tables: who is in a room, and who may come in. Every change of a membership is an event, so all
changes are in one order and a room's bound holds under any number of joins at once."""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import Connection, Engine, text

from chat.domain.refusals import NoSuchRoom, RoomEnded, RoomFull
from chat.domain.shapes.refs import UserRef
from chat.services import database, events
from chat.services.invites import KEY_FITS
from chat.services.permissions import OVER

_ENTRY = text(f"""
    SELECT r.kind, {OVER} AS over,
        EXISTS (SELECT FROM memberships m WHERE m.room_id = r.id AND m.user_id = :user) AS member,
        EXISTS (SELECT FROM bans b WHERE b.room_id = r.id AND b.user_id = :user) AS banned,
        r.owner_id IS NOT DISTINCT FROM :user OR {KEY_FITS} AS invited,
        (SELECT count(*) FROM memberships m WHERE m.room_id = r.id) >= r.max_members AS full
    FROM rooms r WHERE r.id = :room AND r.kind <> 'direct'
""")


def join(engine: Engine, room_id: int, user_id: int, key_hash: bytes | None) -> int | None:
    """Makes the user a member. Returns the event's id, None if they are a member already. Raises NoSuchRoom, RoomEnded, RoomFull.

    A key that is not the room's is refused like a room that does not exist."""
    with events.appending(engine) as connection:
        room = connection.execute(_ENTRY, {"room": room_id, "user": user_id, "hash": key_hash}).one_or_none()
        if room is None or room.banned or not (room.member or room.kind == "open" or (room.invited and not room.over)):
            raise NoSuchRoom
        if room.over:
            raise RoomEnded
        if room.member:
            return None
        if room.full:
            raise RoomFull
        return add_member(connection, room_id, user_id)


def add_member(connection: Connection, room_id: int, user_id: int) -> int:
    """Adds a member in a transaction of `events.appending`. Returns the event's id."""
    event_id = events.append(connection, "join", user_id, room_id=room_id)
    connection.execute(
        text("INSERT INTO memberships (room_id, user_id, since) VALUES (:room, :user, :since)"),
        {"room": room_id, "user": user_id, "since": event_id},
    )
    return event_id


def leave(engine: Engine, room_id: int, user_id: int, kind: Literal["leave", "removed"] = "leave") -> int | None:
    """Ends the membership. Returns the event's id, None if there was no membership."""
    with events.appending(engine) as connection:
        return events.append(connection, kind, user_id, room_id=room_id) if _remove(connection, room_id, user_id) else None


def ban(engine: Engine, room_id: int, user_id: int) -> int | None:
    """Ends the membership, if there is one, and bars the user from the room. Returns the event's id, None if they are banned already."""
    statement = text("""
        INSERT INTO bans (room_id, user_id) SELECT id, :user FROM rooms WHERE id = :room AND ended_at IS NULL
        ON CONFLICT DO NOTHING
    """)
    with events.appending(engine) as connection:
        if not connection.execute(statement, {"room": room_id, "user": user_id}).rowcount:
            return None
        _remove(connection, room_id, user_id)
        return events.append(connection, "banned", user_id, room_id=room_id)


def unban(engine: Engine, room_id: int, user_id: int) -> bool:
    """Returns False if the user was not banned."""
    statement = text("DELETE FROM bans WHERE room_id = :room AND user_id = :user")
    return bool(database.run(engine, statement, {"room": room_id, "user": user_id}))


def _remove(connection: Connection, room_id: int, user_id: int) -> bool:
    """Deletes the membership, unless the room has ended: no event may follow its last one."""
    statement = text("""
        DELETE FROM memberships m USING rooms r
        WHERE m.room_id = :room AND m.user_id = :user AND r.id = m.room_id AND r.ended_at IS NULL
    """)
    return bool(connection.execute(statement, {"room": room_id, "user": user_id}).rowcount)


def is_in(engine: Engine, room_id: int, user_id: int) -> bool:
    """Whether the room is not over, and the user is a member of it or one of the two of the conversation."""
    statement = text(f"""
        SELECT EXISTS (
            SELECT FROM rooms r WHERE r.id = :room AND NOT {OVER} AND (
                :user IN (r.first_user_id, r.second_user_id)
                OR EXISTS (SELECT FROM memberships m WHERE m.room_id = r.id AND m.user_id = :user)
            )
        )
    """)
    return bool(database.value(engine, statement, {"room": room_id, "user": user_id}))


def of_room(engine: Engine, room_id: int, above: int, most: int) -> list[tuple[UserRef, bool]]:
    """Members with a user id above `above`, in id order, and whether each is the owner."""
    statement = text("""
        SELECT u.id, u.name, u.id IS NOT DISTINCT FROM r.owner_id FROM memberships m
        JOIN users u ON u.id = m.user_id JOIN rooms r ON r.id = m.room_id
        WHERE m.room_id = :room AND m.user_id > :above ORDER BY m.user_id LIMIT :most
    """)
    rows = database.rows(engine, statement, {"room": room_id, "above": above, "most": most})
    return [(UserRef(user_id, name), owner) for user_id, name, owner in rows]


def pair(engine: Engine, room_id: int) -> Sequence[UserRef]:
    """The two users of a direct conversation."""
    statement = text(
        "SELECT u.id, u.name FROM rooms r JOIN users u ON u.id IN (r.first_user_id, r.second_user_id) WHERE r.id = :room ORDER BY u.id"
    )
    return [UserRef(*row) for row in database.rows(engine, statement, {"room": room_id})]


def banned(engine: Engine, room_id: int) -> list[UserRef]:
    """The users whom the room has banned, in id order."""
    statement = text("SELECT u.id, u.name FROM bans b JOIN users u ON u.id = b.user_id WHERE b.room_id = :room ORDER BY u.id")
    return [UserRef(*row) for row in database.rows(engine, statement, {"room": room_id})]
