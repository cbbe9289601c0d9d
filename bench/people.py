"""The users and sessions of the load: written into the database directly, because hashing 10,000 passwords takes minutes.
Each has a name, a session and a token of its own, as if it had signed up."""

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg2
from psycopg2.extras import execute_values

from chat.services.tokens import hash_token, new_token

PASSWORD_HASH = "!"  # no password has this hash: these users can never sign in by one
SESSION_LIFE = timedelta(days=1)


def write_people(database_url: str, secret_key: str, count: int) -> list[str]:
    """Returns their tokens. Names begin with the run's own prefix, so two runs can share a database."""
    run = secrets.token_hex(4)
    tokens = [new_token() for _ in range(count)]
    names = [f"bench-{run}-{i}" for i in range(count)]
    expires = datetime.now(UTC) + SESSION_LIFE
    with psycopg2.connect(plain_url(database_url)) as connection, connection.cursor() as cursor:
        users = "INSERT INTO users (name, name_key, password_hash) VALUES %s RETURNING id"
        ids = execute_values(cursor, users, [(name, name, PASSWORD_HASH) for name in names], page_size=1000, fetch=True)
        sessions = [(row[0], hash_token(token, secret_key), expires) for row, token in zip(ids, tokens, strict=True)]
        execute_values(cursor, "INSERT INTO sessions (user_id, token_hash, expires_at) VALUES %s", sessions, page_size=1000)
    connection.close()
    return tokens


def plain_url(database_url: str) -> str:
    """As libpq reads it."""
    return database_url.replace("postgresql+psycopg2://", "postgresql://")


def sign_up(url: str, count: int) -> list[str]:
    """Signs users up over HTTP, for a server whose database is not reachable: 22 ms of hashing each. Returns their tokens."""
    run = secrets.token_hex(4)
    with httpx.Client(base_url=url) as client:
        return [_signed_up(client, f"bench-{run}-{i}") for i in range(count)]


def _signed_up(client: httpx.Client, name: str) -> str:
    answer = client.post("/api/v1/users", json={"name": name, "password": secrets.token_urlsafe(16)}).raise_for_status()
    client.cookies.clear()
    return str(answer.json()["token"])


def create_rooms(url: str, token: str, count: int) -> list[int]:
    """Creates open rooms, to which every signed-in user may post and subscribe. Returns their ids."""
    run = secrets.token_hex(4)
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers) as client:
        answers = [client.post("/api/v1/rooms", json={"name": f"bench-{run}-{i}"}).raise_for_status() for i in range(count)]
    return [int(answer.json()["id"]) for answer in answers]


def write_lines(path: Path, lines: list[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines))
    return path
