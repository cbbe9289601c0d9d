"""The events table: posting in groups, appending what changes rights, and reading by id.

Every writer takes the counter row before any other lock, and holds it to the commit: that is what makes ids dense and commit-ordered."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, RowMapping, TextClause, text
from sqlalchemy.exc import SQLAlchemyError

from chat.domain.event import Channel, Event, Kind
from chat.domain.record import Record, encode
from chat.domain.shapes.refs import UserRef
from chat.domain.validation import LARGEST_ID
from chat.services.permissions import POSTED, READABLE, SESSION_ALIVE

SQL = Path(__file__).parent / "sql"
_POST = text("""
    SELECT * FROM post_messages(
        CAST(:room AS bigint[]), CAST(:sender AS bigint[]), CAST(:session AS bigint[]), CAST(:text AS text[]), CAST(:key AS text[]),
        CAST(:reply AS bigint[])
    )
""")
_RECORDS = (SQL / "records.sql").read_text()


@dataclass(frozen=True, slots=True)
class Post:
    """A message that somebody wants to post: checked in form, not yet in right. reply_to: a message of that room, with its sender."""

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
    """A message that stands in the log, and whether an earlier request with the same key had made it.

    corrected: it has been edited or deleted since, and does not say any more what that request said."""

    event: Event
    text: str
    replayed: bool
    corrected: bool = False


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
    """What the first request with this key made; found also when it stood in the same batch.

    A failure belongs to this post alone: the others are committed, and must not be taken for rolled back."""
    try:
        return _find_replayed(connection, post) if post.key is not None else None
    except SQLAlchemyError as error:
        return error


def _find_replayed(connection: Connection, post: Post) -> Posted | None:
    where = f"""
        WHERE e.sender_id = :sender AND e.idempotency_key = :key AND r.ended_at IS NULL
          AND EXISTS (SELECT FROM sessions s WHERE s.id = :session AND {SESSION_ALIVE})
    """
    found = connection.execute(text(_RECORDS + where), {"sender": post.sender_id, "key": post.key, "session": post.session_id})
    records = [_record(row) for row in found.mappings()]
    return _again(records[0]) if records else None


def _again(record: Record) -> Posted:
    corrected = record.edited_at is not None or record.deleted_at is not None
    return Posted(encode(record), record.text or "", replayed=True, corrected=corrected)


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
    target_id: int | None = None,
    emoji: str | None = None,
) -> int:
    """Adds one event to a transaction that has taken the counter (`lock_log`); answers its id."""
    event_id: int = connection.execute(text("UPDATE log SET head = head + 1 RETURNING head")).scalar_one()
    statement = """
        INSERT INTO events (id, kind, room_id, sender_id, session_id, reason, text, file_id, recipient_id, target_id, emoji)
        VALUES (:id, :kind, :room, :sender, :session, :reason, :text, :file, :recipient, :target, :emoji)
    """
    values = {"id": event_id, "kind": kind, "room": room_id, "sender": sender_id, "session": session_id, "reason": reason}
    values |= {"text": message, "file": file_id, "recipient": recipient_id, "target": target_id, "emoji": emoji}
    connection.execute(text(statement), values)
    return event_id


@dataclass(frozen=True, slots=True)
class Span:
    """The ids of the events that one transaction appended: above one, up to the other."""

    above: int
    up_to: int

    @property
    def count(self) -> int:
        return self.up_to - self.above


def append_many(connection: Connection, statement: TextClause, values: dict[str, Any]) -> Span:
    """One statement that takes ids and writes so many events, in a transaction that has taken the counter."""
    count = connection.execute(statement, values).rowcount
    head = int(connection.execute(text("SELECT head FROM log")).scalar_one())
    return Span(head - count, head)


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


def within(engine: Engine, gaps: Sequence[tuple[int, int]]) -> list[Record]:
    """The events between the two ids of each gap, in order."""
    where = """
        WHERE e.id IN (
            SELECT o.id FROM unnest(CAST(:above AS bigint[]), CAST(:below AS bigint[])) AS g (above, below),
                LATERAL (SELECT id FROM events WHERE id > g.above AND id < g.below) o
        ) ORDER BY e.id
    """
    return _read(engine, where, {"above": [above for above, _ in gaps], "below": [below for _, below in gaps]})


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
    """Which page of messages: above `after` oldest first, below `before` newest first, or on both sides of `around`; `most` of them."""

    most: int
    before: int | None = None
    after: int | None = None
    around: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Messages, ids ascending. more: there are others beyond them, newer ones with `after` and older ones otherwise."""

    records: list[Record]
    more: bool
    newer: bool


def messages_of_room(engine: Engine, room_id: int, window: Window, since: int = 0) -> Page:
    """One page of what has an id above `since`."""
    return _page(engine, f"e.room_id = :whose AND e.id > {since:d}", room_id, window)


def messages_to(engine: Engine, user_id: int, window: Window) -> Page:
    """One page of what was posted directly to a user."""
    return _page(engine, "e.recipient_id = :whose", user_id, window)


def _page(engine: Engine, whose: str, whose_id: int, window: Window) -> Page:
    """One more than asked for is read: that one tells whether there is more."""

    def beyond(side: str, bound: int, most: int) -> list[Record]:
        where = f"WHERE {whose} AND e.kind {POSTED} AND e.id {side} :bound"
        order = f"ORDER BY e.id {'ASC' if side[0] == '>' else 'DESC'} LIMIT :most"
        return _read(engine, f"{where} {order}", {"whose": whose_id, "bound": bound, "most": most})

    most = window.most
    if window.around is not None:
        return _middle(beyond("<=", window.around, most + 1), beyond(">", window.around, most + 1), most)
    if window.after is not None:
        newer = beyond(">", window.after, most + 1)
        return Page(newer[:most], len(newer) > most, len(newer) > most)
    older = beyond("<", LARGEST_ID, most + 1) if window.before is None else beyond("<", window.before, most + 1)
    return Page(older[most - 1 :: -1], len(older) > most, window.before is not None and bool(beyond(">=", window.before, 1)))


def _middle(older: list[Record], newer: list[Record], most: int) -> Page:
    """Half of them from either side, or more from one where the other has fewer; older ones come newest first."""
    after = min(len(newer), max(most // 2, most - len(older)))
    before = min(len(older), most - after)
    return Page([*older[:before][::-1], *newer[:after]], len(older) > before, len(newer) > after)


def message(engine: Engine, message_id: int, reader_id: int) -> Record | None:
    """One message, if this reader may see it: access is part of the query."""
    where = f"WHERE e.id = :id AND e.kind {POSTED} AND {READABLE}"
    records = _read(engine, where, {"id": message_id, "reader": reader_id})
    return records[0] if records else None


def messages(engine: Engine, message_ids: Sequence[int], reader_id: int) -> list[Record]:
    """Those of the messages that were not deleted, and that this reader may see."""
    where = f"WHERE e.id = ANY (:ids) AND e.kind {POSTED} AND e.deleted_at IS NULL AND {READABLE}"
    return _read(engine, where, {"ids": list(message_ids), "reader": reader_id})


def _read(engine: Engine, where: str, values: dict[str, Any]) -> list[Record]:
    with engine.connect() as connection:
        return [_record(row) for row in connection.execute(text(_RECORDS + where), values).mappings()]


def _record(row: RowMapping) -> Record:
    return Record(**row)
