"""Changes of a posted message: edits, deletions, reactions. Each is one transaction with one event.

Rights are checked inside it, after it has locked the counter row, so an earlier removal or room's end counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from chat.domain.event import Kind
from chat.domain.refusals import EmptyText, NoSuchMessage, NotTheSender, RoomEnded, SessionInvalid, TooManyReactions
from chat.services import database, events
from chat.services.permissions import OVER, POSTED, SESSION_ALIVE, SINCE, VISIBLE

MOST_EMOJI = 20  # different ones on one message
MOST_REACTIONS = 500  # on one message: each page of history names everybody who reacted


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """The message to change, and the user and session that ask for it."""

    message_id: int
    user_id: int
    session_id: int


@dataclass(frozen=True, slots=True)
class Deletion:
    """file_id: the message's file, whose bytes are still to be removed."""

    event_id: int
    file_id: int | None


_TARGET = text(f"""
    SELECT e.id, e.kind, e.room_id, e.sender_id, e.recipient_id, e.text, e.file_id, r.owner_id, {OVER} AS over,
        EXISTS (SELECT FROM sessions s WHERE s.id = :session AND {SESSION_ALIVE}) AS alive
    FROM events e JOIN rooms r ON r.id = e.room_id
    WHERE e.id = :message AND e.kind {POSTED} AND e.deleted_at IS NULL AND {VISIBLE} AND e.id > {SINCE}
""")


def edit(engine: Engine, change: ChangeRequest, new_text: str) -> int | None:
    """Replaces a message's text. Returns the event's id, None if the text is the same. Raises NotTheSender, EmptyText, and as `_find`."""
    with events.appending(engine) as connection:
        target = _find(connection, change)
        if target.sender_id != change.user_id or target.kind == "announcement":
            raise NotTheSender
        if target.kind != "file" and not new_text.strip():
            raise EmptyText
        if new_text == target.text:
            return None
        event_id = _append(connection, "edited", change, target)
        connection.execute(_EDIT, {"id": target.id, "text": new_text, "event": event_id})
        _count(connection, target.room_id, len(new_text.encode()) - len(target.text.encode()))
        return event_id


_EDIT = text("UPDATE events SET text = :text, edited_at = (SELECT created_at FROM events WHERE id = :event) WHERE id = :id")


def delete(engine: Engine, change: ChangeRequest) -> Deletion:
    """Deletes what a message says, its reactions and its file; its id stays. Raises NotTheSender, and as `_find`."""
    with events.appending(engine) as connection:
        target = _find(connection, change)
        if change.user_id not in (target.sender_id, target.owner_id):
            raise NotTheSender
        event_id = _append(connection, "deleted", change, target)
        connection.execute(_DELETE, {"id": target.id, "event": event_id})
        connection.execute(text("DELETE FROM reactions WHERE message_id = :id"), {"id": target.id})
        file_bytes: int = connection.scalar(_REMOVE_FILE, {"file": target.file_id}) or 0
        _count(connection, target.room_id, -len(target.text.encode()) - file_bytes)
        return Deletion(event_id, target.file_id)


_DELETE = text("""
    UPDATE events SET text = '', file_id = NULL, deleted_at = (SELECT created_at FROM events WHERE id = :event) WHERE id = :id
""")
_REMOVE_FILE = text("UPDATE files SET removed_at = now() WHERE id = :file RETURNING size")


def react(engine: Engine, change: ChangeRequest, emoji: str) -> int | None:
    """Returns the event's id, None if the user has reacted so already. Raises TooManyReactions, and as `_find`."""
    with events.appending(engine) as connection:
        target = _find(connection, change)
        values = {"id": target.id, "user": change.user_id, "emoji": emoji}
        reactions = connection.execute(_REACTIONS, values).one()
        if reactions.mine:
            return None
        if reactions.total >= MOST_REACTIONS or (reactions.emoji >= MOST_EMOJI and not reactions.known):
            raise TooManyReactions
        event_id = _append(connection, "reacted", change, target, emoji)
        connection.execute(_REACT, values | {"event": event_id})
        return event_id


_REACTIONS = text("""
    SELECT count(*) AS total, count(DISTINCT emoji) AS emoji, coalesce(bool_or(emoji = :emoji), false) AS known,
        coalesce(bool_or(emoji = :emoji AND user_id = :user), false) AS mine
    FROM reactions WHERE message_id = :id
""")
_REACT = text("INSERT INTO reactions (message_id, user_id, emoji, event_id) VALUES (:id, :user, :emoji, :event)")


def unreact(engine: Engine, change: ChangeRequest, emoji: str) -> int | None:
    """Returns the event's id, None if there was no such reaction. Raises as `_find`."""
    statement = text("DELETE FROM reactions WHERE message_id = :id AND user_id = :user AND emoji = :emoji")
    with events.appending(engine) as connection:
        target = _find(connection, change)
        removed = connection.execute(statement, {"id": target.id, "user": change.user_id, "emoji": emoji})
        return _append(connection, "unreacted", change, target, emoji) if removed.rowcount else None


def _find(connection: Connection, change: ChangeRequest) -> Row[Any]:
    """Finds the message, if the user may read it. Raises NoSuchMessage, SessionInvalid, RoomEnded."""
    values = {"message": change.message_id, "reader": change.user_id, "session": change.session_id}
    target = connection.execute(_TARGET, values).one_or_none()
    if target is None:
        raise NoSuchMessage
    if not target.alive:
        raise SessionInvalid
    if target.over:
        raise RoomEnded
    return target


def _append(connection: Connection, kind: Kind, change: ChangeRequest, target: Row[Any], emoji: str | None = None) -> int:
    """Appends the event on the channels of the message."""
    return events.append(
        connection, kind, change.user_id, room_id=target.room_id, recipient_id=target.recipient_id, target_id=target.id, emoji=emoji
    )


def _count(connection: Connection, room_id: int, more: int) -> None:
    connection.execute(text("UPDATE rooms SET bytes = greatest(0, bytes + :more) WHERE id = :id"), {"more": more, "id": room_id})


def copies_of(engine: Engine, message_ids: Sequence[int]) -> list[int]:
    """The ids of events whose JSON may hold something of these messages: the messages, their edits, and what quotes them."""
    statement = text("""
        SELECT id FROM events WHERE target_id = ANY (:ids) AND kind = 'edited' UNION SELECT id FROM events WHERE reply_to = ANY (:ids)
    """)
    return sorted({*message_ids, *(row.id for row in database.rows(engine, statement, {"ids": list(message_ids)}))})
