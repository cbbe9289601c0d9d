"""Malformed HTTP over plain sockets: gunicorn refuses it, in the same shape as the service."""

import pytest

from tests.harness.people import Person
from tests.harness.raw import headers, request, send
from tests.harness.responses import problem
from tests.harness.server import Server
from tests.harness.tables import nothing_stored

KB = 1024


# Refused


@pytest.mark.parametrize("size", [5 * KB, 100 * KB])
def test_a_request_line_that_is_too_long(server: Server, size: int) -> None:
    problem(send(server, request(f"GET /rooms?name={'a' * size} HTTP/1.1", {})), 414, "request line")


@pytest.mark.parametrize(
    "more",
    [{"X-Long": "a" * 9 * KB}, {"Cookie": "a" * 100 * KB}, {f"X-{number}": "1" for number in range(100)}],
    ids=["long", "very long", "many"],
)
def test_headers_that_are_too_large(server: Server, more: dict[str, str]) -> None:
    problem(send(server, request("GET /rooms HTTP/1.1", more)), 431, "headers")


@pytest.mark.parametrize("more", [{"X-Odd": "a\0b"}, {"X Odd": "1"}, {"X-Odd": "1\r\n folded"}, {"": "nameless"}, {"X-\u00e9": "1"}])
def test_headers_that_are_malformed(server: Server, more: dict[str, str]) -> None:
    problem(send(server, request("GET /rooms HTTP/1.1", more)), 400, "headers")


@pytest.mark.parametrize(
    "start",
    [
        "",
        "GET",
        "GET /rooms",
        "GET /rooms HTTP/9.9",
        "GET /rooms HTCPCP/1.0",
        "G\u00e9T /rooms HTTP/1.1",
        "\x16\x03\x01\x02",
        "GET  HTTP/1.1",
    ],
)
def test_what_is_no_request_line(server: Server, start: str) -> None:
    problem(send(server, request(start, {}), half_close=True), 400, "request")


@pytest.mark.parametrize("host", ["a b", "[", "]", "\u00e9", "x" * 300, "a@b", "evil.test/path?", "a:b", ":", ""])
def test_an_odd_host_does_no_harm(server: Server, heidi: Person, host: str) -> None:
    raw = f"GET /rooms?limit=1 HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {heidi.token}\r\n\r\n".encode("latin-1")
    assert send(server, raw).status_code in (200, 400)


@pytest.mark.parametrize("value", ["\u00e9", "Bearer \u00e9", "Bearer \xff\xfe", "Bearer " + "a" * 8000])
def test_an_odd_token_is_nobodys(server: Server, value: str) -> None:
    problem(send(server, request("GET /rooms HTTP/1.1", {"Authorization": value})), 401)


@pytest.mark.parametrize(
    "name", ["Cookie", "User-Agent", "Accept", "Accept-Encoding", "Range", "If-None-Match", "X-Forwarded-For", "Forwarded", "Referer"]
)
def test_an_odd_header_does_no_harm(server: Server, heidi: Person, name: str) -> None:
    for value in ("\xff\xfe", '=;=;,,\\"', "a" * 8000):
        answer = send(server, request("GET /rooms?limit=1 HTTP/1.1", headers(heidi) | {name: value}))
        assert answer.status_code in (200, 400), f"{name}: {value[:20]!r} {answer.text[:300]}"


def test_an_expectation_that_nobody_knows(server: Server, heidi: Person, path: str) -> None:
    with nothing_stored(server.database_url):
        answer = send(server, request(f"POST {path} HTTP/1.1", headers(heidi, Expect="a miracle", Content_Length="14"), b'{"text": "hi"}'))
        assert answer.status_code in (400, 417)
        problem(answer, answer.status_code)


def test_after_a_refusal_the_connection_speaks_of_nothing_else(server: Server, heidi: Person, path: str) -> None:
    """A body is never read as a request."""
    hidden = request(f"POST {path} HTTP/1.1", headers(heidi, Content_Length="14"), b'{"text": "hi"}')
    refused = request("POST /session HTTP/1.1", {"Content-Type": "text/plain", "Content-Length": str(len(hidden))}, hidden)
    with nothing_stored(server.database_url):
        problem(send(server, refused), 415)
