"""A cookie alone changes nothing for a page of another site; a token may be used from anywhere."""

from collections.abc import Iterator

import httpx
import pytest

from tests.harness import http_client
from tests.harness.people import PASSWORD, Person, unique
from tests.harness.responses import at_both_bases, problem
from tests.harness.server import Server
from tests.harness.tables import nothing_stored

FOREIGN = [
    {"Origin": "https://evil.test"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "http://127.0.0.1.evil.test"},
    {"Origin": ""},
    {"Origin": "http://["},
    {"Origin": "\u00e9"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "anything"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"},
]
CHANGES = [
    ("POST", "/rooms"),
    ("POST", "/users"),
    ("POST", "/session"),
    ("POST", "/room/{room}/messages"),
    ("POST", "/room/{room}/members"),
    ("POST", "/user/{user}/messages"),
    ("DELETE", "/room/{room}/members/me"),
    ("DELETE", "/session"),
]


@pytest.fixture
def browser(server: Server, alice: Person) -> Iterator[httpx.Client]:
    """Alice's browser, which sends its cookie with every page."""
    with http_client.client(server.url, cookies={"chat_session": alice.token}) as client:
        yield client


def encoded(headers: dict[str, str]) -> dict[bytes, bytes]:
    return {name.encode(): value.encode() for name, value in headers.items()}


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_foreign_page_makes_no_room(server: Server, browser: httpx.Client, headers: dict[str, str]) -> None:
    with nothing_stored(server.database_url):
        problem(browser.post("/rooms", json={"name": unique("evil")}, headers=encoded(headers)), 403)


@pytest.mark.parametrize(("method", "path"), CHANGES)
@at_both_bases
def test_a_foreign_page_changes_nothing(
    server: Server, alice: Person, bob: Person, browser: httpx.Client, base: str, method: str, path: str
) -> None:
    address = base + path.format(room=alice.create_room()["id"], user=bob.id)
    body = {"name": unique("evil"), "password": PASSWORD, "text": "evil"} if method == "POST" else None
    for headers in ({"Origin": "https://evil.test"}, {"Sec-Fetch-Site": "cross-site"}):
        with nothing_stored(server.database_url):
            problem(browser.request(method, address, headers=headers, json=body), 403)
    assert browser.get("/session").status_code == 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_what_a_form_can_send_is_not_taken(server: Server, browser: httpx.Client, content_type: str) -> None:
    with nothing_stored(server.database_url):
        problem(browser.post("/rooms", content=b'{"name": "evil"}', headers={"Content-Type": content_type}), 415)


@pytest.mark.parametrize("origin", ["https://evil.test", "http://["])
def test_a_foreign_page_is_not_allowed_to_read(browser: httpx.Client, origin: str) -> None:
    answer = browser.get("/session", headers={"Origin": origin})
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


def test_the_services_own_pages_may_use_the_cookie(server: Server, browser: httpx.Client) -> None:
    for headers in ({"Origin": server.url}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": server.url, "Sec-Fetch-Site": "same-origin"}):
        assert browser.post("/rooms", json={"name": unique("own")}, headers=headers).status_code == 201


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_token_may_be_used_from_anywhere(alice: Person, headers: dict[str, str]) -> None:
    assert alice.http.post("/rooms", json={"name": unique("own")}, headers=encoded(headers)).status_code == 201
