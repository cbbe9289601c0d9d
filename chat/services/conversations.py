"""Direct conversations: rooms of kind `direct`, one for each pair of users who wrote to each other."""

from typing import Any

from sqlalchemy import Engine, Row, text

from chat.domain.shapes.answers import Conversation, Last
from chat.domain.shapes.refs import RoomRef, UserRef
from chat.services import database
from chat.services.permissions import POSTED
from chat.services.unread import READ_JOIN, UNREAD_JOIN, Reader

SHOWN = 100  # characters of the last message

# The newest message of each conversation is one step in an index. What is unread is counted for one page alone.
_CONVERSATIONS = text(f"""
    SELECT r.id, other.id AS user_id, other.name AS user_name, read.upto AS read, counted.unread, counted.mentions, r.newest,
        last.sender_id, sender.name AS sender_name, left(last.text, {SHOWN}) AS text, last.created_at
    FROM (
        SELECT d.*, message.id AS newest FROM rooms d
        CROSS JOIN LATERAL (
            SELECT id FROM events WHERE room_id = d.id AND kind {POSTED} ORDER BY id DESC LIMIT 1
        ) message
        WHERE (d.first_user_id = :reader OR d.second_user_id = :reader) AND message.id < :below
        ORDER BY message.id DESC LIMIT :most
    ) r
    JOIN users other ON other.id = r.first_user_id + r.second_user_id - :reader
    JOIN events last ON last.id = r.newest
    LEFT JOIN users sender ON sender.id = last.sender_id
    {READ_JOIN} {UNREAD_JOIN} ORDER BY r.newest DESC
""")


def page(engine: Engine, reader: Reader, below: int, most: int) -> list[Conversation]:
    """The conversations whose newest message has an id below `below`, newest first."""
    return [_shape(row) for row in database.rows(engine, _CONVERSATIONS, reader.values | {"below": below, "most": most})]


def _shape(row: Row[Any]) -> Conversation:
    room, user = RoomRef(row.id, None, "direct"), UserRef(row.user_id, row.user_name)
    sender = UserRef(row.sender_id, row.sender_name) if row.sender_id is not None else None
    last = Last(row.newest, sender, row.text, row.created_at)
    return Conversation(room, row.id, user, row.read, row.unread, row.mentions, row.newest, last)


def find(engine: Engine, one_id: int, other_id: int) -> int | None:
    """The room's id, None if the two have never written to each other."""
    statement = text("SELECT id FROM rooms WHERE first_user_id = :first AND second_user_id = :second")
    room_id: int | None = database.value(engine, statement, _pair(one_id, other_id))
    return room_id


def begin(engine: Engine, one_id: int, other_id: int) -> int:
    """Creates the room unless somebody else just has, and returns its id. Users are never deleted, so both exist."""
    statement = text("""
        INSERT INTO rooms (kind, first_user_id, second_user_id) VALUES ('direct', :first, :second)
        ON CONFLICT ON CONSTRAINT rooms_one_conversation_a_pair DO UPDATE SET kind = 'direct' RETURNING id
    """)
    return int(database.value(engine, statement, _pair(one_id, other_id)))


def _pair(one_id: int, other_id: int) -> dict[str, int]:
    return {"first": min(one_id, other_id), "second": max(one_id, other_id)}
