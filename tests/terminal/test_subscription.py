"""A subscription to a service, or to something in between, that repeats events, drops connections or sends nonsense."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice

import pytest

from chat.terminal.client import Client
from chat.terminal.errors import Failure, NotFound
from chat.terminal.subscription import ConnectionState, Subscription
from chat.terminal.transports import SubscriptionEnded

HELLO = b"retry: 10\n\nid: 5\n\n"
NEWEST = b'{"events": [], "cursor": 5}'
POLL = b'{"events": [{"id": 6}], "cursor": 6}'


def event(number: int) -> bytes:
    return b'id: %d\nevent: message\ndata: {"id": %d}\n\n' % (number, number)


@contextmanager
def following(
    *streams: bytes, status: int = 200, kind: str = "text/event-stream"
) -> Iterator[tuple[Subscription, list[str], list[str | None]]]:
    """A subscription to a server that sends these streams one after the other, and the last of them again and again.

    Yields the subscription, the messages of its states, and the cursors of its requests."""
    rest, messages, cursors = list(streams), [], []

    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_stream = self.headers["Accept"] == "text/event-stream"
            self.send_response(status if is_stream else 200)
            self.send_header("Content-Type", kind if is_stream else "application/json")
            self.end_headers()
            if is_stream:
                cursors.append(self.headers["Last-Event-ID"])
            poll = POLL if "after" in self.path else NEWEST
            self.wfile.write((rest.pop(0) if len(rest) > 1 else rest[0]) if is_stream else poll)

        def log_message(self, *_: object) -> None:
            """Keeps the access log out of the test's report."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = Client(f"http://127.0.0.1:{server.server_port}", {})
    subscription = Subscription(client, "/subscribe", lambda _, message: messages.append(message))
    subscription.begin()
    yield subscription, messages, cursors
    client.close()
    server.shutdown()
    server.server_close()


def ids(subscription: Subscription, count: int) -> list[int]:
    return [event["id"] for event in islice(subscription.events(), count)]


def test_an_event_that_comes_twice_is_yielded_once() -> None:
    with following(HELLO + event(6) + event(6) + event(7), HELLO + event(6) + event(7) + event(8)) as (subscription, _, cursors):
        assert ids(subscription, 3) == [6, 7, 8]
        assert cursors == ["5", "7"]


def test_a_frame_that_was_cut_off_is_discarded() -> None:
    with following(HELLO + event(6) + event(7)[:-1], HELLO + event(7)) as (subscription, _, cursors):
        assert ids(subscription, 2) == [6, 7]
        assert cursors == ["5", "6"]


def test_a_signal_is_no_event_and_moves_no_cursor() -> None:
    signals = b'event: typing\ndata: {"room": {"id": 3}, "user": {"id": 2, "name": "bob"}}\n\nevent: read\ndata: {"read": 9}\n\n'
    with following(HELLO + signals + event(6), HELLO + signals + event(7)) as (subscription, _, cursors):
        assert ids(subscription, 2) == [6, 7]
        assert cursors == ["5", "6"]


def test_a_heartbeat_moves_the_cursor_and_is_no_event() -> None:
    beat = b"id: 9\nevent: heartbeat\ndata: {}\n\n"
    with following(HELLO + beat, HELLO + event(10)) as (subscription, _, cursors):
        assert ids(subscription, 1) == [10]
        assert cursors == ["5", "9"]


def test_a_signal_that_names_no_user_is_no_event_either() -> None:
    with following(HELLO + b'event: typing\ndata: {"user": 1}\n\n' + event(6)) as (subscription, _, _cursors):
        assert ids(subscription, 1) == [6]


def test_a_service_that_was_set_back_is_followed_from_there() -> None:
    reset = b'id: 3\nevent: reset\ndata: {"cursor": 3}\n\n'
    with following(HELLO + reset + event(4)) as (subscription, messages, _):
        assert ids(subscription, 1) == [4]
        assert "set back" in messages[0]


def test_a_stream_reconnects_after_bye_without_a_message() -> None:
    with following(HELLO + b"event: bye\nretry: 20\ndata: {}\n\n", HELLO + event(6)) as (subscription, messages, _):
        assert ids(subscription, 1) == [6]
        assert messages == []


def test_an_end_frame_ends_the_subscription() -> None:
    with (
        following(HELLO + b'event: end\ndata: {"reason":"banned"}\n\n') as (subscription, _, _cursors),
        pytest.raises(SubscriptionEnded, match="banned"),
    ):
        ids(subscription, 1)


def test_a_404_or_403_ends_the_subscription() -> None:
    with following(b"{}", status=404) as (subscription, _, cursors), pytest.raises(NotFound):
        ids(subscription, 1)
    assert len(cursors) == 1
    with following(b"{}", status=403) as (subscription, _, _cursors), pytest.raises(Failure):
        ids(subscription, 1)


def test_a_page_instead_of_a_stream_leads_to_the_long_poll() -> None:
    with following(b"<p>Welcome to the hotel's network", kind="text/html") as (subscription, messages, _):
        assert ids(subscription, 1) == [6]
        assert subscription.state is ConnectionState.POLLING
        assert "long poll" in messages[0]
