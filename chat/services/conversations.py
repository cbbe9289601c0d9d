"""Direct conversations as one of the two sees them: rooms of kind direct in which something was said."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, text

from chat.services.permissions import POSTED
from chat.services.unread import COUNTED, READING, Reader

SHOWN = 100  # characters of the last message

# Of each conversation the newest message is one step in an index; what is unread is counted of one page alone.
_CONVERSATIONS = text(f"""
    SELECT r.id, other.id AS user_id, other.name AS user_name, read.upto AS read, counted.unread, counted.mentions, r.newest,
        last.sender_id, sender.name AS sender_name, left(last.text, {SHOWN}) AS text, last.created_at
    FROM (
        SELECT d.*, said.id AS newest FROM rooms d
        CROSS JOIN LATERAL (
            SELECT id FROM events WHERE room_id = d.id AND kind {POSTED} ORDER BY id DESC LIMIT 1
        ) said
        WHERE (d.first_user_id = :reader OR d.second_user_id = :reader) AND said.id < :below
        ORDER BY said.id DESC LIMIT :most
    ) r
    JOIN users other ON other.id = r.first_user_id + r.second_user_id - :reader
    JOIN events last ON last.id = r.newest
    LEFT JOIN users sender ON sender.id = last.sender_id
    {READING} {COUNTED} ORDER BY r.newest DESC
""")


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """A conversation; the last message's sender is nobody where an operator wrote to all rooms."""

    id: int
    user_id: int
    user_name: str
    read: int
    unread: int
    mentions: int
    newest: int
    sender_id: int | None
    sender_name: str | None
    text: str
    created_at: datetime


def listed(engine: Engine, reader: Reader, below: int, most: int) -> list[ConversationRow]:
    """Those whose newest message is below an id, newest first."""
    with engine.connect() as connection:
        rows = connection.execute(_CONVERSATIONS, reader.values | {"below": below, "most": most})
        return [ConversationRow(**row) for row in rows.mappings()]
