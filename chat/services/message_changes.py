"""What happens to a message after it was posted: it is edited, deleted, reacted to. Each is one transaction with one event.

Rights are looked at inside it, after the counter row is taken: what was said before, a removal or a room's end, counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from chat.domain.event import Kind
from chat.domain.refusals import EmptyText, NoSuchMessage, NotTheSender, RoomEnded, SessionInvalid, TooManyReactions
from chat.services import events
from chat.services.permissions import OVER, POSTED, SESSION_ALIVE, SINCE, VISIBLE

MOST_EMOJI = 20  # different ones on one message
MOST_REACTIONS = 500  # on one message: each page of history names everybody


@dataclass(frozen=True, slots=True)
class Act:
    """Who wants to do something with which message."""

    message_id: int
    user_id: int
    session_id: int


@dataclass(frozen=True, slots=True)
class Deletion:
    """What was deleted. file_id: of a file whose bytes are to be taken away."""

    event_id: int
    file_id: int | None


_TARGET = text(f"""
    SELECT e.id, e.kind, e.room_id, e.sender_id, e.recipient_id, e.text, e.file_id, r.owner_id, {OVER} AS over,
        EXISTS (SELECT FROM sessions s WHERE s.id = :session AND {SESSION_ALIVE}) AS alive
    FROM events e JOIN rooms r ON r.id = e.room_id
    WHERE e.id = :message AND e.kind {POSTED} AND e.deleted_at IS NULL AND {VISIBLE} AND e.id > {SINCE}
""")


def edit(engine: Engine, act: Act, said: str) -> int | None:
    """Replaces a message's text. Returns the event's id, None if the text is the same. Raises NotTheSender, EmptyText, and as `_find`."""
    with engine.begin() as connection:
        target = _find(connection, act)
        if target.sender_id != act.user_id or target.kind == "announcement":
            raise NotTheSender
        if target.kind != "file" and not said.strip():
            raise EmptyText
        if said == target.text:
            return None
        event_id = _append(connection, "edited", act, target)
        connection.execute(_EDIT, {"id": target.id, "text": said, "event": event_id})
        _count(connection, target.room_id, len(said.encode()) - len(target.text.encode()))
        return event_id


_EDIT = text("UPDATE events SET text = :text, edited_at = (SELECT created_at FROM events WHERE id = :event) WHERE id = :id")


def delete(engine: Engine, act: Act) -> Deletion:
    """Leaves nothing of a message but its place. Raises NotTheSender, and as `_find`."""
    with engine.begin() as connection:
        target = _find(connection, act)
        if act.user_id not in (target.sender_id, target.owner_id):
            raise NotTheSender
        event_id = _append(connection, "deleted", act, target)
        connection.execute(_DELETE, {"id": target.id, "event": event_id})
        connection.execute(text("DELETE FROM reactions WHERE message_id = :id"), {"id": target.id})
        file_bytes: int = connection.scalar(_REMOVE_FILE, {"file": target.file_id}) or 0
        _count(connection, target.room_id, -len(target.text.encode()) - file_bytes)
        return Deletion(event_id, target.file_id)


_DELETE = text("""
    UPDATE events SET text = '', file_id = NULL, deleted_at = (SELECT created_at FROM events WHERE id = :event) WHERE id = :id
""")
_REMOVE_FILE = text("UPDATE files SET removed_at = now() WHERE id = :file RETURNING size")


def react(engine: Engine, act: Act, emoji: str) -> int | None:
    """Answers the event's id, None for a reaction that stands already. Raises TooManyReactions, and as `_find`."""
    with engine.begin() as connection:
        target = _find(connection, act)
        values = {"id": target.id, "user": act.user_id, "emoji": emoji}
        standing = connection.execute(_STANDING, values).one()
        if standing.mine:
            return None
        if standing.reactions >= MOST_REACTIONS or (standing.others >= MOST_EMOJI and not standing.known):
            raise TooManyReactions
        event_id = _append(connection, "reacted", act, target, emoji)
        connection.execute(_REACT, values | {"event": event_id})
        return event_id


_STANDING = text("""
    SELECT count(*) AS reactions, count(DISTINCT emoji) AS others, coalesce(bool_or(emoji = :emoji), false) AS known,
        coalesce(bool_or(emoji = :emoji AND user_id = :user), false) AS mine
    FROM reactions WHERE message_id = :id
""")
_REACT = text("INSERT INTO reactions (message_id, user_id, emoji, event_id) VALUES (:id, :user, :emoji, :event)")


def unreact(engine: Engine, act: Act, emoji: str) -> int | None:
    """Answers the event's id, None where there was no such reaction. Raises as `_find`."""
    statement = text("DELETE FROM reactions WHERE message_id = :id AND user_id = :user AND emoji = :emoji")
    with engine.begin() as connection:
        target = _find(connection, act)
        gone = connection.execute(statement, {"id": target.id, "user": act.user_id, "emoji": emoji})
        return _append(connection, "unreacted", act, target, emoji) if gone.rowcount else None


def _find(connection: Connection, act: Act) -> Row[Any]:
    """The message, if one may read it, and the counter row first of all. Raises NoSuchMessage, SessionInvalid, RoomEnded."""
    events.lock_log(connection)
    values = {"message": act.message_id, "reader": act.user_id, "session": act.session_id}
    target = connection.execute(_TARGET, values).one_or_none()
    if target is None:
        raise NoSuchMessage
    if not target.alive:
        raise SessionInvalid
    if target.over:
        raise RoomEnded
    return target


def _append(connection: Connection, kind: Kind, act: Act, target: Row[Any], emoji: str | None = None) -> int:
    """On the very channels that the message came on."""
    return events.append(
        connection, kind, act.user_id, room_id=target.room_id, recipient_id=target.recipient_id, target_id=target.id, emoji=emoji
    )


def _count(connection: Connection, room_id: int, more: int) -> None:
    connection.execute(text("UPDATE rooms SET bytes = greatest(0, bytes + :more) WHERE id = :id"), {"more": more, "id": room_id})


def repeating(engine: Engine, message_ids: Sequence[int]) -> list[int]:
    """The events whose JSON may hold something of these messages: they themselves, their edits, and what quotes them."""
    statement = text("""
        SELECT id FROM events WHERE target_id = ANY (:ids) AND kind = 'edited' UNION SELECT id FROM events WHERE reply_to = ANY (:ids)
    """)
    with engine.connect() as connection:
        return sorted({*message_ids, *connection.scalars(statement, {"ids": list(message_ids)})})
