"""Bodies over plain sockets: whole, chunked, cut off, too large, and pipelined."""

import re

import pytest

from tests.harness.people import Person
from tests.harness.raw import connect, headers, receive, request, send
from tests.harness.responses import problem
from tests.harness.server import Server
from tests.harness.tables import nothing_stored

KB = 1024


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + end


# Refused


@pytest.mark.parametrize(
    "more",
    [
        {"Content-Length": "x"},
        {"Content-Length": "-1"},
        {"Content-Length": "9" * 30 + "x"},
        {"Content-Length": "5", "Transfer-Encoding": "chunked"},
        {"Transfer-Encoding": "gzip, nonsense"},
    ],
    ids=str,
)
def test_a_body_whose_length_cannot_be_told(server: Server, heidi: Person, path: str, more: dict[str, str]) -> None:
    with nothing_stored(server.database_url):
        answer = send(server, request(f"POST {path} HTTP/1.1", headers(heidi) | more, b'{"text": "hi"}'), half_close=True)
        assert answer.status_code in (400, 501)
        problem(answer, answer.status_code)


@pytest.mark.parametrize("length", [2**31, 2**63, 10**30])
def test_a_body_that_is_announced_to_be_too_large(server: Server, heidi: Person, path: str, length: int) -> None:
    with nothing_stored(server.database_url):
        problem(send(server, request(f"POST {path} HTTP/1.1", headers(heidi, Content_Length=str(length)))), 413, "body")


@pytest.mark.parametrize(
    ("start", "filling", "end"), [(b'{"text": "', b"a", b'"}'), (b'{"text": "hi"}', b" ", b"")], ids=["text", "spaces"]
)
def test_a_body_of_many_chunks_that_is_too_large(
    server: Server, heidi: Person, path: str, start: bytes, filling: bytes, end: bytes
) -> None:
    """A body cut at the limit is never read as the request."""
    body = chunked(start, *[filling * KB] * 200, end or b" ")
    with nothing_stored(server.database_url):
        problem(send(server, request(f"POST {path} HTTP/1.1", headers(heidi, Transfer_Encoding="chunked"), body)), 413, "body")


@pytest.mark.parametrize(
    "body", [b"x\r\nhi\r\n0\r\n\r\n", b"-1\r\nhi\r\n0\r\n\r\n", b"2\r\nhi!\r\n0\r\n\r\n", chunked(b'{"text"', end=b""), b""]
)
def test_a_body_of_broken_chunks(server: Server, heidi: Person, path: str, body: bytes) -> None:
    with nothing_stored(server.database_url):
        answer = send(server, request(f"POST {path} HTTP/1.1", headers(heidi, Transfer_Encoding="chunked"), body), half_close=True)
        problem(answer, 400, "body")


def test_a_body_that_ends_before_it_is_whole(server: Server, heidi: Person, path: str) -> None:
    with nothing_stored(server.database_url):
        answer = send(server, request(f"POST {path} HTTP/1.1", headers(heidi, Content_Length="100"), b'{"text": "hi"}'), half_close=True)
        problem(answer, 400, "body")


# Taken


def test_a_body_in_chunks(server: Server, heidi: Person, path: str) -> None:
    body = chunked(b'{"te', b'xt": "in ', b'chunks"}')
    answer = send(server, request(f"POST {path} HTTP/1.1", headers(heidi, Transfer_Encoding="chunked"), body))
    assert (answer.status_code, answer.json()["text"]) == (201, "in chunks")


def test_a_client_that_waits_to_be_told_to_continue(server: Server, heidi: Person, path: str) -> None:
    with connect(server) as client:
        client.sendall(request(f"POST {path} HTTP/1.1", headers(heidi, Expect="100-continue", Content_Length="14")))
        assert client.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b'{"text": "hi"}')
        assert receive(client).status_code == 201


def test_http_1_0(server: Server, heidi: Person, path: str) -> None:
    answer = send(server, request(f"POST {path} HTTP/1.0", headers(heidi, Content_Length="14"), b'{"text": "hi"}'))
    assert answer.status_code == 201
    polled = send(server, request(f"GET /subscribe?after={answer.json()['id'] - 1}&wait=0 HTTP/1.0", headers(heidi)))
    assert [event["text"] for event in polled.json()["events"]] == ["hi"]


def test_requests_that_are_sent_together_are_answered_in_order(server: Server, heidi: Person, path: str) -> None:
    texts = [f"pipelined {number}" for number in range(5)]
    bodies = [b'{"text": "%s"}' % text.encode() for text in texts]
    with connect(server) as client:
        client.sendall(b"".join(request(f"POST {path} HTTP/1.1", headers(heidi, Content_Length=str(len(body))), body) for body in bodies))
        received = b""
        while received.count(b'"text"') < len(texts):
            received += client.recv(64 * KB) or pytest.fail(f"the connection closed after {received!r}")
    assert re.findall(r"pipelined \d", received.decode()) == texts
