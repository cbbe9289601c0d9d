"""The sessions table: a session is created at sign-in, found by the hash of its token, and ended by an event in the log."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text

from chat.domain.close_reason import CloseReason
from chat.domain.shapes.answers import Session
from chat.services import database, events
from chat.services.permissions import SESSION_ALIVE

LIFETIME = "interval '30 days'"  # since the session was last seen
SEEN_EVERY = "interval '1 hour'"  # seen_at is written at most this often


@dataclass(frozen=True, slots=True)
class Identity:
    """The user of a token. head: the newest committed id at the lookup. ended: the session was ended, but has not expired."""

    session_id: int
    user_id: int
    name: str
    head: int
    ended: bool


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session to create. password_hash: of the password that was verified. agent and address: where the sign-in came from."""

    user_id: int
    password_hash: str
    token_hash: bytes
    agent: str
    address: str


def create(engine: Engine, new: NewSession) -> int | None:
    """Creates a session and deletes those of the user that ended or expired more than a day ago. Returns the session's id, None if the
    user is banned or has another password by now.

    The user's row is locked until the commit, so a ban or a new password ends every session that was created before it."""
    with engine.begin() as connection:
        connection.execute(
            text("DELETE FROM sessions WHERE user_id = :user AND least(ended_at, expires_at) < now() - interval '1 day'"),
            {"user": new.user_id},
        )
        statement = f"""
            INSERT INTO sessions (user_id, token_hash, agent, address, expires_at)
            SELECT id, :hash, :agent, :address, now() + {LIFETIME} FROM users
            WHERE id = :user AND password_hash = :password AND banned_at IS NULL FOR SHARE
            RETURNING id
        """
        values = {"user": new.user_id, "password": new.password_hash, "hash": new.token_hash}
        values |= {"agent": new.agent[:200], "address": new.address[:64]}
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
        FOR NO KEY UPDATE SKIP LOCKED -- another worker is writing the same
    )
""")


def find(engine: Engine, hashes: Sequence[bytes]) -> list[Identity | None]:
    """The identities of these token hashes, in their order and in one query. None for a hash that is unknown or expired."""
    values = {"hashes": list(hashes)}
    with engine.connect() as connection:
        rows = connection.execute(_FIND, values).all()
        if any(row.unseen for row in rows):
            connection.execute(_SEEN, values)
    by_hash = {bytes(row.token_hash): Identity(*row[1:6]) for row in rows}
    return [by_hash.get(token_hash) for token_hash in hashes]


def alive(engine: Engine, session_ids: Collection[int]) -> set[int]:
    """The ids of those sessions that have neither ended nor expired."""
    statement = text(f"SELECT s.id FROM sessions s WHERE s.id = ANY (:ids) AND {SESSION_ALIVE}")
    return {row.id for row in database.rows(engine, statement, {"ids": list(session_ids)})}


def of_user(engine: Engine, user_id: int, current_id: int) -> list[Session]:
    """A user's living sessions, newest first."""
    statement = text(f"""
        SELECT s.id, s.created_at, s.seen_at, s.expires_at, s.address, s.agent, s.id = :current AS current FROM sessions s
        WHERE s.user_id = :user AND {SESSION_ALIVE} ORDER BY s.id DESC
    """)
    return [Session(*row) for row in database.rows(engine, statement, {"user": user_id, "current": current_id})]


def end(engine: Engine, session_id: int, user_id: int, reason: CloseReason = CloseReason.SIGNED_OUT) -> int | None:
    """Ends a session of the user with a `session_ended` event. Returns the event's id, None if there is no such session."""
    with events.appending(engine) as connection:
        ended = connection.execute(
            text("UPDATE sessions SET ended_at = now() WHERE id = :id AND user_id = :user AND ended_at IS NULL"),
            {"id": session_id, "user": user_id},
        )
        if not ended.rowcount:
            return None
        return events.append(connection, "session_ended", user_id, session_id=session_id, reason=reason)


def end_all(connection: Connection, user_id: int, reason: CloseReason, but: int = 0) -> events.IdRange:
    """Ends a user's living sessions, except the one with the id `but`, in a transaction of `events.appending`."""
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
