"""The events table: posting in groups, appending what changes rights, and reading by id.

Every writer takes the counter row before any other lock, and holds it to the commit: that is what makes ids dense and commit-ordered."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, RowMapping, text
from sqlalchemy.exc import SQLAlchemyError

from chat.domain.event import Channel, Event, Kind, Record, encode

SQL = Path(__file__).parent / "sql"
_POST = text("""
    SELECT * FROM post_messages(
        CAST(:room AS bigint[]), CAST(:sender AS bigint[]), CAST(:session AS bigint[]), CAST(:text AS text[]), CAST(:key AS text[])
    )
""")
_RECORDS = (SQL / "records.sql").read_text()


@dataclass(frozen=True, slots=True)
class Post:
    """A message that somebody wants to post: checked in form, not yet in right."""

    room_id: int
    sender_id: int
    sender_name: str
    session_id: int
    text: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that stands in the log, and whether an earlier request with the same key had made it."""

    event: Event
    text: str
    replayed: bool


def post(engine: Engine, posts: Sequence[Post]) -> list[Posted | Exception | None]:
    """Commits the posts in one transaction; None for one that its sender may not make, an error for one that is not known.

    The engine is in autocommit: the call of post_messages (schema.sql) is a transaction of its own, and one round trip."""
    with engine.connect() as connection:
        rows = connection.execute(_POST, _columns(posts)).all()
        written = {row.place: _posted(posts[row.place - 1], row) for row in rows}
        return [written.get(place) or _replayed(connection, post) for place, post in enumerate(posts, 1)]


def _columns(posts: Sequence[Post]) -> dict[str, list[Any]]:
    return {
        "room": [post.room_id for post in posts],
        "sender": [post.sender_id for post in posts],
        "session": [post.session_id for post in posts],
        "text": [post.text for post in posts],
        "key": [post.key for post in posts],
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
    )
    return Posted(encode(record), post.text, replayed=False)


def _replayed(connection: Connection, post: Post) -> Posted | Exception | None:
    """What the first request with this key made; found also when it stood in the same batch.

    A failure belongs to this post alone: the others are committed, and must not be taken for rolled back."""
    try:
        return _find_replayed(connection, post) if post.key is not None else None
    except SQLAlchemyError as error:
        return error


def _find_replayed(connection: Connection, post: Post) -> Posted | None:
    where = """
        WHERE e.sender_id = :sender AND e.idempotency_key = :key AND r.ended_at IS NULL
          AND EXISTS (SELECT FROM sessions s WHERE s.id = :session AND s.ended_at IS NULL AND s.expires_at > now())
    """
    found = connection.execute(text(_RECORDS + where), {"sender": post.sender_id, "key": post.key, "session": post.session_id})
    records = [_record(row) for row in found.mappings()]
    return Posted(encode(records[0]), records[0].text or "", replayed=True) if records else None


def key_is_used(engine: Engine, sender_id: int, key: str) -> bool:
    """Whether the sender has posted something with this key."""
    statement = text("SELECT FROM events WHERE sender_id = :sender AND idempotency_key = :key")
    with engine.connect() as connection:
        return connection.execute(statement, {"sender": sender_id, "key": key}).first() is not None


def append(
    connection: Connection,
    kind: Kind,
    sender_id: int | None,
    room_id: int | None = None,
    session_id: int | None = None,
    reason: str | None = None,
    message: str | None = None,
    file_id: int | None = None,
    recipient_id: int | None = None,
) -> int:
    """Adds one event to a transaction that has taken the counter (`lock_log`); answers its id."""
    event_id: int = connection.execute(text("UPDATE log SET head = head + 1 RETURNING head")).scalar_one()
    statement = """
        INSERT INTO events (id, kind, room_id, sender_id, session_id, reason, text, file_id, recipient_id)
        VALUES (:id, :kind, :room, :sender, :session, :reason, :text, :file, :recipient)
    """
    values = {"id": event_id, "kind": kind, "room": room_id, "sender": sender_id, "session": session_id, "reason": reason}
    connection.execute(text(statement), values | {"text": message, "file": file_id, "recipient": recipient_id})
    return event_id


def lock_log(connection: Connection) -> None:
    """First of all locks in every transaction that appends, or two of them could wait for each other for ever."""
    connection.execute(text("SELECT head FROM log FOR UPDATE"))


def head(engine: Engine) -> int:
    """The newest committed id; 0 where nothing was ever said."""
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT head FROM log")).scalar_one())


def between(engine: Engine, above: int, up_to: int, most: int) -> list[Record]:
    """The first `most` events with above < id <= up_to, in order, whoever may see them."""
    where = "WHERE e.id > :above AND e.id <= :up_to ORDER BY e.id LIMIT :most"
    return _read(engine, where, {"above": above, "up_to": up_to, "most": most})


def owed(engine: Engine, channels: Sequence[Channel], above: int, up_to: int, most: int) -> list[Record]:
    """The first `most` events with above < id <= up_to in any of the channels, in order, each once: what a client is owed from history."""
    arms = [_ARMS[name] for name in ("room", "inbox", "conversations") if any(name == channel[0] for channel in channels)]
    if not arms:
        return []
    where = f"WHERE e.id IN ({' UNION '.join(f'({arm})' for arm in arms)}) ORDER BY e.id LIMIT :most"
    return _read(engine, where, {"above": above, "up_to": up_to, "most": most} | _ids_by_name(channels))


# Each arm walks an index in id order and stops at the limit.
_ARMS = {
    "room": """
        SELECT o.id FROM unnest(CAST(:room AS bigint[])) AS r (id),
            LATERAL (SELECT id FROM events WHERE room_id = r.id AND id > :above AND id <= :up_to ORDER BY id LIMIT :most) o
        ORDER BY o.id LIMIT :most""",
    "inbox": """
        SELECT id FROM events WHERE recipient_id = ANY (:inbox) AND id > :above AND id <= :up_to ORDER BY id LIMIT :most""",
    "conversations": """
        SELECT o.id FROM rooms r,
            LATERAL (SELECT id FROM events WHERE room_id = r.id AND id > :above AND id <= :up_to ORDER BY id LIMIT :most) o
        WHERE r.first_user_id = ANY (:conversations) OR r.second_user_id = ANY (:conversations)
        ORDER BY o.id LIMIT :most""",
}


def _ids_by_name(channels: Sequence[Channel]) -> dict[str, list[int]]:
    ids: dict[str, list[int]] = {}
    for name, channel_id in channels:
        ids.setdefault(name, []).append(channel_id)
    return ids


@dataclass(frozen=True, slots=True)
class Window:
    """Which page of messages: above `after` oldest first, or below `before` newest first; `most` of them."""

    most: int
    before: int | None = None
    after: int | None = None


def messages_of_room(engine: Engine, room_id: int, window: Window, since: int = 0) -> list[Record]:
    """One page of what has an id above `since`, ids ascending."""
    return _page(engine, f"e.room_id = :whose AND e.id > {since:d}", room_id, window)


def messages_to(engine: Engine, user_id: int, window: Window) -> list[Record]:
    """One page of what was posted directly to a user, ids ascending."""
    return _page(engine, "e.recipient_id = :whose", user_id, window)


def _page(engine: Engine, whose: str, whose_id: int, window: Window) -> list[Record]:
    bound, order = ("e.id > :bound", "ASC") if window.after is not None else ("e.id < :bound", "DESC")
    where = f"WHERE {whose} AND e.kind IN ('message', 'file', 'announcement') AND {bound} ORDER BY e.id {order} LIMIT :most"
    bound_id = window.after if window.after is not None else window.before
    values = {"whose": whose_id, "bound": 2**63 - 1 if bound_id is None else bound_id, "most": window.most}
    return sorted(_read(engine, where, values), key=lambda record: record.id)


def message(engine: Engine, message_id: int, reader_id: int) -> Record | None:
    """One message, if this reader may see it: access is part of the query."""
    where = """
        WHERE e.id = :id AND e.kind IN ('message', 'file', 'announcement')
          AND r.ended_at IS NULL AND (r.expires_at IS NULL OR r.expires_at > now())
          AND CASE
            WHEN r.kind = 'direct' THEN :reader IN (r.first_user_id, r.second_user_id)
            WHEN r.kind = 'open' AND r.expires IS NULL
                THEN NOT EXISTS (SELECT FROM bans b WHERE b.room_id = r.id AND b.user_id = :reader)
            ELSE EXISTS (
                SELECT FROM memberships m
                WHERE m.room_id = r.id AND m.user_id = :reader AND (r.expires IS NULL OR e.id >= m.since)
            )
        END
    """
    records = _read(engine, where, {"id": message_id, "reader": reader_id})
    return records[0] if records else None


def _read(engine: Engine, where: str, values: dict[str, Any]) -> list[Record]:
    with engine.connect() as connection:
        return [_record(row) for row in connection.execute(text(_RECORDS + where), values).mappings()]


def _record(row: RowMapping) -> Record:
    return Record(**row)
