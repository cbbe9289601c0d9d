"""What a follower makes of a service, or of something between, that repeats itself, breaks off or talks nonsense."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice

import pytest

from chat.terminal.client import Client
from chat.terminal.failures import Failure, NotFound
from chat.terminal.following import Ended, Follower, Link

HELLO = b"retry: 10\n\nid: 5\n\n"
NEWEST = b'{"events": [], "cursor": 5}'
POLLED = b'{"events": [{"id": 6}], "cursor": 6}'


def event(number: int) -> bytes:
    return b'id: %d\nevent: message\ndata: {"id": %d}\n\n' % (number, number)


@contextmanager
def following(
    *streams: bytes, status: int = 200, kind: str = "text/event-stream"
) -> Iterator[tuple[Follower, list[str], list[str | None]]]:
    """A follower of something that answers these streams one after the other, the last of them again and again.

    With it what it remarks, and with which cursors it came."""
    left, remarks, cursors = list(streams), [], []

    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_stream = self.headers["Accept"] == "text/event-stream"
            self.send_response(status if is_stream else 200)
            self.send_header("Content-Type", kind if is_stream else "application/json")
            self.end_headers()
            if is_stream:
                cursors.append(self.headers["Last-Event-ID"])
            polled = POLLED if "after" in self.path else NEWEST
            self.wfile.write((left.pop(0) if len(left) > 1 else left[0]) if is_stream else polled)

        def log_message(self, *_: object) -> None:
            """Nothing: the test's report is no place for an access log."""

    served = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=served.serve_forever, daemon=True).start()
    client = Client(f"http://127.0.0.1:{served.server_port}", {})
    follower = Follower(client, "/subscribe", lambda _, words: remarks.append(words))
    follower.begin()
    yield follower, remarks, cursors
    client.close()
    served.shutdown()
    served.server_close()


def ids(follower: Follower, count: int) -> list[int]:
    return [found["id"] for found in islice(follower.events(), count)]


def test_what_comes_twice_is_told_once() -> None:
    with following(HELLO + event(6) + event(6) + event(7), HELLO + event(6) + event(7) + event(8)) as (follower, _, cursors):
        assert ids(follower, 3) == [6, 7, 8]
        assert cursors == ["5", "7"]


def test_a_frame_that_was_cut_off_never_happened() -> None:
    with following(HELLO + event(6) + event(7)[:-1], HELLO + event(7)) as (follower, _, cursors):
        assert ids(follower, 2) == [6, 7]
        assert cursors == ["5", "6"]


def test_a_whisper_is_no_event_and_moves_no_cursor() -> None:
    whispered = b'event: typing\ndata: {"room": {"id": 3}, "user": {"id": 2, "name": "bob"}}\n\nevent: read\ndata: {"read": 9}\n\n'
    with following(HELLO + whispered + event(6), HELLO + whispered + event(7)) as (follower, _, cursors):
        assert ids(follower, 2) == [6, 7]
        assert cursors == ["5", "6"]


def test_a_heartbeat_moves_the_cursor_and_is_not_told() -> None:
    beat = b"id: 9\nevent: heartbeat\ndata: {}\n\n"
    with following(HELLO + beat, HELLO + event(10)) as (follower, _, cursors):
        assert ids(follower, 1) == [10]
        assert cursors == ["5", "9"]


def test_what_has_no_id_has_no_place_and_is_not_told() -> None:
    with following(HELLO + b'event: typing\ndata: {"user": 1}\n\n' + event(6)) as (follower, _, _cursors):
        assert ids(follower, 1) == [6]


def test_a_service_that_was_set_back_is_followed_from_there() -> None:
    reset = b'id: 3\nevent: reset\ndata: {"cursor": 3}\n\n'
    with following(HELLO + reset + event(4)) as (follower, remarks, _):
        assert ids(follower, 1) == [4]
        assert "set back" in remarks[0]


def test_a_stream_that_is_sent_away_comes_back_without_a_word() -> None:
    with following(HELLO + b"event: bye\nretry: 20\ndata: {}\n\n", HELLO + event(6)) as (follower, remarks, _):
        assert ids(follower, 1) == [6]
        assert remarks == []


def test_an_end_is_an_end() -> None:
    with following(HELLO + b'event: end\ndata: {"reason":"banned"}\n\n') as (follower, _, _cursors), pytest.raises(Ended, match="banned"):
        ids(follower, 1)


def test_what_is_gone_is_not_asked_for_for_ever() -> None:
    with following(b"{}", status=404) as (follower, _, cursors), pytest.raises(NotFound):
        ids(follower, 1)
    assert len(cursors) == 1
    with following(b"{}", status=403) as (follower, _, _cursors), pytest.raises(Failure):
        ids(follower, 1)


def test_a_page_in_the_place_of_a_stream_is_no_stream() -> None:
    with following(b"<p>Welcome to the hotel's network", kind="text/html") as (follower, remarks, _):
        assert ids(follower, 1) == [6]
        assert follower.link is Link.POLLING
        assert "long poll" in remarks[0]
