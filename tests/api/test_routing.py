"""Unknown paths, methods that a path does not take, and odd bytes in a path."""

from urllib.parse import unquote

import pytest

from tests.harness.people import Person
from tests.harness.responses import BASES, problem

pytestmark = pytest.mark.usefixtures("nothing_is_stored")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/users", {"GET", "POST"}),
        ("/session", {"GET", "POST", "DELETE"}),
        ("/session/1", {"DELETE"}),
        ("/sessions", {"GET"}),
        ("/user/erin", {"GET"}),
        ("/rooms", {"GET", "POST"}),
        ("/room/1", {"GET", "POST", "PATCH", "DELETE"}),
        ("/room/1/members", {"GET", "POST"}),
        ("/room/1/members/me", {"DELETE"}),
        ("/room/1/members/erin", {"DELETE"}),
        ("/room/1/bans", {"GET"}),
        ("/room/1/bans/erin", {"PUT", "DELETE"}),
        ("/room/1/invite", {"POST"}),
        ("/connect/1", {"GET"}),
        ("/room/1/messages", {"GET", "POST"}),
        ("/user/1/messages", {"GET", "POST"}),
        ("/messages", {"GET"}),
        ("/message/1", {"GET", "PATCH", "DELETE"}),
        ("/room/1/subscribe", {"GET"}),
        ("/messages/subscribe", {"GET"}),
        ("/subscribe", {"GET"}),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(erin: Person, path: str, allowed: set[str]) -> None:
    for base in BASES:
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "BREW"} - allowed:
            answer = erin.http.request(method, base + path)
            problem(answer, 405)
            assert set(answer.headers["Allow"].split(", ")) - {"HEAD", "OPTIONS"} == allowed


@pytest.mark.parametrize(
    "path", ["/nowhere", "/api/v2/rooms", "/api", "/rooms/", "/room", "/room/", "/room/1/", "/message/1/2", "/%00", "/\u00e9"]
)
def test_an_address_that_is_none(erin: Person, path: str) -> None:
    problem(erin.http.get(path), 404)


@pytest.mark.parametrize(
    "reference", ["%00", "%ff%fe", "%ed%a0%80", "%25", "%0a", "a%2Fb", "1%00", "%7f", "x" * 3000, "..%2f..%2fetc", "%e2%80%ae"]
)
def test_a_reference_of_odd_bytes_is_not_found(erin: Person, reference: str) -> None:
    for path in ("/room/{}", "/room/{}/messages", "/room/{}/subscribe", "/user/{}", "/user/{}/messages", "/message/{}", "/session/{}"):
        method = "DELETE" if path.startswith("/session") else "GET"
        problem(erin.http.request(method, path.format(reference)), 404)


@pytest.mark.parametrize("name", ["%00", "%ff%fe", "%ed%a0%80", "x" * 3000, "%", "'; DROP TABLE users; --"])
def test_a_search_for_odd_bytes_finds_only_them(erin: Person, name: str) -> None:
    for path in ("/users", "/rooms"):
        answer = erin.http.get(f"{path}?name={name}")
        assert answer.status_code == 400 or all(unquote(name) in found["name"] for found in answer.json())
