"""Posting: the messages that wait in a worker, committed together, each with the rights of its sender (`post_messages` in schema.sql)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, text
from sqlalchemy.exc import SQLAlchemyError

from chat.domain.event import Event
from chat.domain.record import Record, encode
from chat.domain.shapes.refs import UserRef
from chat.services import database, records
from chat.services.permissions import SESSION_ALIVE

_POST = text("""
    SELECT * FROM post_messages(
        CAST(:room AS bigint[]), CAST(:sender AS bigint[]), CAST(:session AS bigint[]), CAST(:text AS text[]), CAST(:key AS text[]),
        CAST(:reply AS bigint[]), :known
    )
""")


@dataclass(frozen=True, slots=True)
class Post:
    """A message to post: its form is checked, its sender's rights are not. reply_to: a message of the same room, sent by quoted_sender."""

    room_id: int
    sender_id: int
    sender_name: str
    session_id: int
    text: str
    key: str | None = None
    reply_to: int | None = None
    quoted_sender: UserRef | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """A committed message. replayed: an earlier request with the same key posted it; corrected: it was edited or deleted since,
    so its text is not that request's any more."""

    event: Event
    text: str
    replayed: bool
    corrected: bool = False


def commit(engine: Engine, posts: Sequence[Post], known: int = 0) -> list[Posted | Exception | None]:
    """Commits the posts in one transaction. known: an id that was committed; a record without it has gone back. The result has None for a
    post that its sender may not make, and an error for one whose outcome is not known.

    The engine is in autocommit: the call of post_messages is a transaction of its own, and one round trip."""
    with engine.connect() as connection:
        rows = connection.execute(_POST, {**_columns(posts), "known": known}).all()
        written = {row.place: _posted(posts[row.place - 1], row) for row in rows}
        return [written.get(place) or _replayed(connection, post) for place, post in enumerate(posts, 1)]


def _columns(posts: Sequence[Post]) -> dict[str, list[Any]]:
    return {
        "room": [post.room_id for post in posts],
        "sender": [post.sender_id for post in posts],
        "session": [post.session_id for post in posts],
        "text": [post.text for post in posts],
        "key": [post.key for post in posts],
        "reply": [post.reply_to for post in posts],
    }


def _posted(post: Post, row: Row[Any]) -> Posted:
    record = Record(
        id=row.id,
        kind="message",
        room_id=post.room_id,
        room_kind=row.room_kind,
        room_name=row.room_name,
        sender_id=post.sender_id,
        sender_name=post.sender_name,
        recipient_id=row.recipient_id,
        session_id=None,
        text=post.text,
        created_at=row.created_at,
        reply_to=post.reply_to,
        quoted_sender_id=post.quoted_sender.id if post.quoted_sender else None,
        quoted_sender_name=post.quoted_sender.name if post.quoted_sender else None,
        quoted_text=row.quoted,
    )
    return Posted(encode(record), post.text, replayed=False)


def _replayed(connection: Connection, post: Post) -> Posted | Exception | None:
    """The message of the first request with this key, also if that request is in the same batch.

    An error fails this post alone: the others are committed, and must not count as rolled back."""
    try:
        return _find_replayed(connection, post) if post.key is not None else None
    except SQLAlchemyError as error:
        return error


def _find_replayed(connection: Connection, post: Post) -> Posted | None:
    where = f"""
        WHERE e.sender_id = :sender AND e.idempotency_key = :key AND r.ended_at IS NULL
          AND EXISTS (SELECT FROM sessions s WHERE s.id = :session AND {SESSION_ALIVE})
    """
    rows = records.read_on(connection, where, {"sender": post.sender_id, "key": post.key, "session": post.session_id})
    return _posted_before(rows[0]) if rows else None


def _posted_before(record: Record) -> Posted:
    corrected = record.edited_at is not None or record.deleted_at is not None
    return Posted(encode(record), record.text or "", replayed=True, corrected=corrected)


def key_is_used(engine: Engine, sender_id: int, key: str) -> bool:
    """Whether the sender has posted something with this key."""
    statement = text("SELECT true FROM events WHERE sender_id = :sender AND idempotency_key = :key")
    return bool(database.value(engine, statement, {"sender": sender_id, "key": key}))
