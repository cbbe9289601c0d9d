"""Signing in never adopts a token that the client brought, and a stolen table of sessions opens nothing."""

from collections.abc import Iterator

import httpx
import pytest

from tests.harness import http_client
from tests.harness.people import PASSWORD, Person, unique
from tests.harness.responses import problem
from tests.harness.server import Server
from tests.harness.tables import execute

COOKIE = "chat_session"


@pytest.fixture
def page(server: Server, alice: Person) -> Iterator[httpx.Client]:
    """A page of the service itself in alice's browser: it has the cookie and no token."""
    with http_client.client(server.url, cookies={COOKIE: alice.token}) as client:
        yield client


@pytest.mark.parametrize("planted", ["planted", "A" * 43, "", "\u00e9", "None"])
def test_a_planted_cookie_never_becomes_a_session(server: Server, planted: str) -> None:
    person = {"name": unique("victim"), "password": PASSWORD}
    headers = {"Cookie": f"{COOKIE}={planted}".encode()}
    for path in ("/users", "/session"):
        answer = http_client.post(server.url + path, json=person, headers=headers)
        assert answer.status_code == 201
        assert answer.json()["token"] != planted and answer.cookies[COOKIE] == answer.json()["token"]
    problem(http_client.get(f"{server.url}/session", headers=headers), 401)


def test_a_planted_token_never_becomes_a_session(server: Server) -> None:
    headers = {"Authorization": "Bearer planted"}
    person = {"name": unique("victim"), "password": PASSWORD}
    for path in ("/users", "/session"):
        assert http_client.post(server.url + path, json=person, headers=headers).json()["token"] != "planted"
    problem(http_client.get(f"{server.url}/session", headers=headers), 401)


def test_signing_in_over_anothers_session_leaves_that_session_alone(server: Server, alice: Person, bob: Person) -> None:
    """Mallory plants her cookie in bob's browser: after signing in, bob acts as himself."""
    headers = {"Cookie": f"{COOKIE}={alice.token}"}
    answer = http_client.post(f"{server.url}/session", json={"name": bob.name, "password": PASSWORD}, headers=headers)
    assert answer.json()["user"]["id"] == bob.id
    assert answer.cookies[COOKIE] not in (alice.token, bob.token)
    assert alice.http.get("/session").json()["user"]["id"] == alice.id


def test_a_wrong_token_is_not_made_up_for_by_a_cookie(page: httpx.Client) -> None:
    for header in ("Bearer wrong", "Bearer", "Basic YWxpY2U6c2VjcmV0", "wrong", ""):
        problem(page.get("/session", headers={"Authorization": header}), 401)


def test_the_table_holds_no_token(server: Server, alice: Person) -> None:
    rows = execute(server.database_url, "SELECT s::text FROM sessions s WHERE user_id = :user", {"user": alice.id})
    assert len(rows) == 1
    assert alice.token not in rows[0][0] and alice.token.encode().hex() not in rows[0][0]
