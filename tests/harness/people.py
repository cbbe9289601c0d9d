"""A signed-up person, such as alice or bob, with the API calls that a test makes in their name."""

import itertools
import os
from functools import cache
from types import TracebackType
from typing import Any, Self

import httpx
from argon2 import PasswordHasher

from chat.domain.validation import name_key
from chat.services.tokens import hash_token, new_token
from tests.harness.environment import SETTINGS
from tests.harness.server import Server
from tests.harness.streams import EventStream
from tests.harness.tables import execute
from tests.harness.wire import target

PASSWORD = "correct horse battery staple"
LONGEST_ANSWER_SECONDS = 60.0  # a long poll may wait for 55 s

INSERT_SIGNED_IN = """
    WITH known AS (INSERT INTO users (name, name_key, password_hash) VALUES (:name, :key, :password) RETURNING id)
    INSERT INTO sessions (user_id, token_hash, expires_at) SELECT id, :token, now() + interval '1 day' FROM known RETURNING user_id
"""

INSERT_SESSION = "INSERT INTO sessions (user_id, token_hash, expires_at) VALUES (:user, :token, now() + interval '1 day')"

_numbers = itertools.count(1)


def unique(name: str) -> str:
    """A name that is new on every server of this run."""
    return f"{name}-{os.getpid()}-{next(_numbers)}"


class Person:
    """Calls the API with a bearer token. The cookie of signing up is dropped."""

    def __init__(self, http: httpx.Client, user: dict[str, Any], token: str) -> None:
        self.http = http
        self.id: int = user["id"]
        self.name: str = user["name"]
        self.token = token

    @classmethod
    def sign_up(cls, url: str, name: str = "somebody", transport: httpx.BaseTransport | None = None) -> Self:
        """Signs up a new person whose name begins with `name`."""
        http = _client(url, transport)
        answer = http.post("/api/v1/users", json={"name": unique(name), "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        http.cookies.clear()
        return cls.with_token(http, answer.json()["user"], answer.json()["token"])

    @classmethod
    def signed_in(cls, server: Server, name: str) -> Self:
        """A new signed-in person, written to the database directly: signing up hashes a password, which takes longer than most tests."""
        token, unique_name = new_token(), unique(name)
        values = {"name": unique_name, "key": name_key(unique_name), "password": _password_hash(), "token": _token_hash(token)}
        user = {"id": execute(server.database_url, INSERT_SIGNED_IN, values)[0][0], "name": unique_name}
        return cls.with_token(_client(server.url), user, token)

    @classmethod
    def sign_in(cls, url: str, name: str) -> Self:
        """Somebody who has signed up before, as on another server."""
        with cls(_client(url), {"id": 0, "name": name}, "") as known:
            return known.sign_in_again()

    @classmethod
    def with_token(cls, http: httpx.Client, user: dict[str, Any], token: str) -> Self:
        http.headers["Authorization"] = f"Bearer {token}"
        return cls(http, user, token)

    def another_session(self, server: Server) -> str:
        """Writes one more session of theirs to the database. Returns its token."""
        token = new_token()
        execute(server.database_url, INSERT_SESSION, {"user": self.id, "token": _token_hash(token)})
        return token

    def sign_in_again(self) -> Self:
        """Returns the same person with another session, as from another device."""
        http = httpx.Client(base_url=self.http.base_url, timeout=self.http.timeout, trust_env=False, verify=False)
        answer = http.post("/api/v1/session", json={"name": self.name, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        http.cookies.clear()
        return self.with_token(http, answer.json()["user"], answer.json()["token"])

    def sign_out(self) -> None:
        assert self.http.delete("/api/v1/session").status_code == 204

    def create_room(self, name: str = "room", **more: object) -> dict[str, Any]:
        return _created(self.http.post("/api/v1/rooms", json={"name": unique(name), **more}))

    def post(self, room: int | str, text: str, key: str | None = None) -> dict[str, Any]:
        """Posts to a room. A second call with the same `key` returns the first call's message."""
        return _created(self._send(f"/api/v1/room/{room}/messages", text, key))

    def write_to(self, user: int | str, text: str, key: str | None = None) -> dict[str, Any]:
        """Sends a direct message."""
        return _created(self._send(f"/api/v1/user/{user}/messages", text, key))

    def _send(self, path: str, text: str, key: str | None) -> httpx.Response:
        return self.http.post(path, json={"text": text}, headers={"Idempotency-Key": key} if key else {})

    def history(self, room: int | str, **query: object) -> list[str]:
        answer = self.http.get(target(f"/api/v1/room/{room}/messages", **query))
        assert answer.status_code == 200, answer.text
        return [message["text"] for message in answer.json()["messages"]]

    def stream(self, path: str, last_event_id: int | str | None = None, **query: object) -> EventStream:
        """Opens an SSE stream on `path`, resumed by header (`last_event_id`) or by `after=`. Real servers only."""
        headers = {"Authorization": f"Bearer {self.token}"}
        resumed = {} if last_event_id is None else {"Last-Event-ID": str(last_event_id)}
        return EventStream(str(self.http.base_url), target(path, **query), {**headers, **resumed})

    def stream_room(self, room: int | str, last_event_id: int | str | None = None, **query: object) -> EventStream:
        return self.stream(f"/api/v1/room/{room}/subscribe", last_event_id, **query)

    def poll(self, path: str, after: int | None = None, wait: float | None = None, **query: object) -> dict[str, Any]:
        """Makes one long poll. Returns `{"events": […], "cursor": N}`."""
        answer = self.http.get(target(path, after=after, wait=wait, **query))
        assert answer.status_code == 200, answer.text
        polled: dict[str, Any] = answer.json()
        return polled

    def close(self) -> None:
        self.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _created(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code in (200, 201), f"{answer.status_code} {answer.text}"
    created: dict[str, Any] = answer.json()
    return created


def _client(url: str, transport: httpx.BaseTransport | None = None) -> httpx.Client:
    return httpx.Client(base_url=url, timeout=LONGEST_ANSWER_SECONDS, transport=transport, trust_env=False, verify=False)


def _token_hash(token: str) -> bytes:
    return hash_token(token, SETTINGS["SECRET_KEY"])


@cache
def _password_hash() -> str:
    return PasswordHasher().hash(PASSWORD)
