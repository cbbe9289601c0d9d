"""The events table: appending what changes rights, and reading the log's record by id.

Every writer takes the counter row before any other lock and holds it until the commit: that makes ids dense and commit-ordered."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, TextClause, text

from chat.domain.event import Channel, Kind
from chat.domain.record import Record
from chat.services import database, records


@contextmanager
def appending(engine: Engine) -> Iterator[Connection]:
    """A transaction that appends. It takes the counter row before any other lock: otherwise two could wait for each other for ever. Begins
    a new epoch if the record has gone back (`lock_log` in schema.sql)."""
    with engine.begin() as connection:
        connection.execute(text("SELECT lock_log(0)"))
        yield connection


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
    """Adds one event in a transaction of `appending`. Returns the event's id."""
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
class IdRange:
    """The ids of the events that one transaction appended: above < id <= up_to."""

    above: int
    up_to: int

    @property
    def count(self) -> int:
        return self.up_to - self.above


def append_many(connection: Connection, statement: TextClause, values: dict[str, Any]) -> IdRange:
    """Runs a statement that takes ids and writes one event with each, in a transaction of `appending`."""
    count = connection.execute(statement, values).rowcount
    head = int(connection.execute(text("SELECT head FROM log")).scalar_one())
    return IdRange(head - count, head)


def head(engine: Engine) -> int:
    """The newest committed id; 0 in an empty log."""
    return int(database.value(engine, text("SELECT head FROM log")))


def read_range(engine: Engine, above: int, up_to: int, most: int) -> list[Record]:
    """The first `most` events with above < id <= up_to, in id order, without a check of rights."""
    where = "WHERE e.id > :above AND e.id <= :up_to ORDER BY e.id LIMIT :most"
    return records.read(engine, where, {"above": above, "up_to": up_to, "most": most})


def read_gaps(engine: Engine, gaps: Sequence[tuple[int, int]]) -> list[Record]:
    """The events between the two ids of each gap, in id order."""
    where = """
        WHERE e.id IN (
            SELECT o.id FROM unnest(CAST(:above AS bigint[]), CAST(:below AS bigint[])) AS g (above, below),
                LATERAL (SELECT id FROM events WHERE id > g.above AND id < g.below) o
        ) ORDER BY e.id
    """
    return records.read(engine, where, {"above": [above for above, _ in gaps], "below": [below for _, below in gaps]})


def read_channels(engine: Engine, channels: Sequence[Channel], above: int, up_to: int, most: int) -> list[Record]:
    """The first `most` events with above < id <= up_to of any of the channels, in id order, each once."""
    arms = [_ARMS[name] for name in ("room", "inbox", "conversations") if any(name == channel[0] for channel in channels)]
    if not arms:
        return []
    where = f"WHERE e.id IN ({' UNION '.join(f'({arm})' for arm in arms)}) ORDER BY e.id LIMIT :most"
    return records.read(engine, where, {"above": above, "up_to": up_to, "most": most} | _ids_by_name(channels))


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
