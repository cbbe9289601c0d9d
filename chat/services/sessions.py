"""The sessions table: made at sign-in, found by the hash of a token, ended by an event in the log."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text

from chat.domain.shapes.answers import Session
from chat.services import events
from chat.services.permissions import SESSION_ALIVE

LIFETIME = "interval '30 days'"  # since the session was last seen
SEEN_EVERY = "interval '1 hour'"  # seen_at is written at most this often


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks: a live session and its user; head is the newest committed id when that was found. ended: the token was good once."""

    session_id: int
    user_id: int
    name: str
    head: int
    ended: bool


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session to be: by whom, with which password (its hash), from where."""

    user_id: int
    password_hash: str
    token_hash: bytes
    agent: str
    address: str


def create(engine: Engine, starting: NewSession) -> int | None:
    """Starts a session; the user's dead ones of long ago go on this occasion. Answers its id, None for a banned user, and where
    the password has been changed meanwhile.

    The user's row stays as it is until the commit: a ban, or a new password, ends every session that was started before it."""
    with engine.begin() as connection:
        connection.execute(
            text("DELETE FROM sessions WHERE user_id = :user AND least(ended_at, expires_at) < now() - interval '1 day'"),
            {"user": starting.user_id},
        )
        statement = f"""
            INSERT INTO sessions (user_id, token_hash, agent, address, expires_at)
            SELECT id, :hash, :agent, :address, now() + {LIFETIME} FROM users
            WHERE id = :user AND password_hash = :password AND banned_at IS NULL FOR SHARE
            RETURNING id
        """
        values = {"user": starting.user_id, "password": starting.password_hash, "hash": starting.token_hash}
        values |= {"agent": starting.agent[:200], "address": starting.address[:64]}
        session_id: int | None = connection.scalar(text(statement), values)
        return session_id


_FIND = text(f"""
    SELECT s.token_hash, s.id, s.user_id, u.name, (SELECT head FROM log), s.ended_at IS NOT NULL,
        {SESSION_ALIVE} AND s.seen_at < now() - {SEEN_EVERY} AS unseen
    FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.token_hash = ANY (:hashes) AND s.expires_at > now()
""")

_SEEN = text(f"""
    UPDATE sessions SET seen_at = now(), expires_at = now() + {LIFETIME}
    WHERE id IN (
        SELECT s.id FROM sessions s
        WHERE s.token_hash = ANY (:hashes) AND {SESSION_ALIVE} AND s.seen_at < now() - {SEEN_EVERY}
        FOR NO KEY UPDATE SKIP LOCKED -- another worker says the same of it just now
    )
""")


def find(engine: Engine, hashes: Sequence[bytes]) -> list[Identity | None]:
    """The sessions of these token hashes, in one query for all of them; None for one that is unknown or expired."""
    values = {"hashes": list(hashes)}
    with engine.connect() as connection:
        rows = connection.execute(_FIND, values).all()
        if any(row.unseen for row in rows):
            connection.execute(_SEEN, values)
    found = {bytes(row.token_hash): Identity(*row[1:6]) for row in rows}
    return [found.get(token_hash) for token_hash in hashes]


def alive(engine: Engine, session_ids: Collection[int]) -> set[int]:
    """Those of the sessions that are neither ended nor expired."""
    statement = text(f"SELECT s.id FROM sessions s WHERE s.id = ANY (:ids) AND {SESSION_ALIVE}")
    with engine.connect() as connection:
        return set(connection.scalars(statement, {"ids": list(session_ids)}))


def of_user(engine: Engine, user_id: int, current_id: int) -> list[Session]:
    """A user's live sessions, the newest first."""
    statement = text(f"""
        SELECT s.id, s.created_at, s.seen_at, s.expires_at, s.address, s.agent, s.id = :current AS current FROM sessions s
        WHERE s.user_id = :user AND {SESSION_ALIVE} ORDER BY s.id DESC
    """)
    with engine.connect() as connection:
        return [Session(*row) for row in connection.execute(statement, {"user": user_id, "current": current_id})]


def end(engine: Engine, session_id: int, user_id: int, reason: str = "signed_out") -> int | None:
    """Ends a user's own session with a `session_ended` event; answers the event's id, None where there is no such session."""
    with engine.begin() as connection:
        events.lock_log(connection)
        ended = connection.execute(
            text("UPDATE sessions SET ended_at = now() WHERE id = :id AND user_id = :user AND ended_at IS NULL"),
            {"id": session_id, "user": user_id},
        )
        if not ended.rowcount:
            return None
        return events.append(connection, "session_ended", user_id, session_id=session_id, reason=reason)


def end_all(connection: Connection, user_id: int, reason: str, but: int = 0) -> events.IdRange:
    """Ends a user's living sessions, in a transaction that has taken the counter; `but` one, where there is such a one."""
    return events.append_many(connection, _END_ALL, {"user": user_id, "reason": reason, "but": but})


_END_ALL = text(f"""
    WITH ended AS (
        UPDATE sessions s SET ended_at = now() WHERE s.user_id = :user AND s.id <> :but AND {SESSION_ALIVE} RETURNING s.id
    ), placed AS (
        SELECT id, row_number() OVER (ORDER BY id) AS nth FROM ended
    ), taken AS (
        UPDATE log SET head = head + (SELECT count(*) FROM ended) RETURNING head
    )
    INSERT INTO events (id, kind, sender_id, session_id, reason)
    SELECT taken.head - (SELECT count(*) FROM ended) + nth, 'session_ended', :user, placed.id, :reason FROM placed, taken
""")
