"""If there is no socket to take over, an ordinary response carries the same streams: test client, `flask run`, TLS in gunicorn."""

import gc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import gevent
import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from chat.live import follower
from tests.harness.deadline import eventually
from tests.harness.development_server import flask_run
from tests.harness.frames import Frame, FrameParser
from tests.harness.people import Person
from tests.harness.tls_server import Certificate, TlsServer

WITHIN_SECONDS = 20.0
STREAM = {"Accept": "text/event-stream"}


def path(room: int) -> str:
    return f"/api/v1/room/{room}/subscribe"


class Frames:
    """The frames of a response's pieces; one that does not come within the deadline is an error, not a wait for ever."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._parser = FrameParser()
        self._ready: list[Frame] = []

    def next(self) -> Frame:
        with gevent.Timeout(WITHIN_SECONDS):
            while not self._ready:
                self._ready += self._parser.feed(next(self._pieces))
        return self._ready.pop(0)

    def until(self, wanted: Callable[[Frame], Any]) -> list[Frame]:
        frames = [self.next()]
        while not wanted(frames[-1]):
            frames.append(self.next())
        return frames

    def message(self) -> Any:
        return self.until(lambda frame: frame.is_message)[-1].json()

    def rest(self) -> list[Frame]:
        """Up to the end, which must come."""
        frames = self._ready
        with gevent.Timeout(WITHIN_SECONDS):
            for piece in self._pieces:
                frames += self._parser.feed(piece)
        return frames


# Flask's test client


@pytest.fixture
def app(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Nothing is patched for gevent in this process: a read of the log that waits stops everybody, so it waits briefly."""
    monkeypatch.setattr(follower, "BLOCK_MS", 10)
    yield app
    gevent.killall([thing for thing in gc.get_objects() if issubclass(type(thing), gevent.Greenlet)])


@pytest.fixture
def room(ada: Person) -> int:
    made: int = ada.create_room()["id"]
    return made


@contextmanager
def streamed(app: Flask, person: Person, target: str, cursor: int | None = None) -> Iterator[tuple[TestResponse, Frames]]:
    headers = {**STREAM, "Authorization": f"Bearer {person.token}"} | ({} if cursor is None else {"Last-Event-ID": str(cursor)})
    client: FlaskClient = app.test_client()
    response = client.get(target, headers=headers)
    pieces = iter(response.response)
    try:
        yield response, Frames(pieces)  # type: ignore[arg-type]
    finally:
        response.close()


def test_the_test_client_reads_the_same_stream(app: Flask, ada: Person, room: int) -> None:
    before = ada.post(room, "before")
    with streamed(app, ada, path(room)) as (response, frames):
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "text/event-stream"
        assert response.headers["X-Accel-Buffering"] == "no"
        assert [frames.next(), frames.next()] == [Frame(retry=2400), Frame(id=before["id"])]
        posted = [ada.post(room, f"message {number}") for number in range(3)]
        assert [frames.message() for _ in posted] == posted
        assert frames.until(lambda frame: frame.event == "heartbeat")[-1].id == posted[-1]["id"]


def test_the_test_client_resumes(app: Flask, ada: Person, room: int) -> None:
    posted = [ada.post(room, f"message {number}") for number in range(700)]
    with streamed(app, ada, path(room), cursor=posted[0]["id"]) as (_, frames):
        assert [frames.message()["id"] for _ in posted[1:]] == [message["id"] for message in posted[1:]]
        assert ada.post(room, "live") == frames.message()


def test_a_client_that_leaves_is_no_connection_any_more(app: Flask, ada: Person, room: int) -> None:
    with streamed(app, ada, path(room)) as (_, frames):
        frames.until(lambda frame: frame.event == "heartbeat")
        assert ada.http.get(f"/api/v1/room/{room}").json()["connections"] == 1
    assert ada.http.get(f"/api/v1/room/{room}").json()["connections"] == 0


def test_a_sign_out_ends_it(app: Flask, ada: Person, room: int) -> None:
    with streamed(app, ada, path(room)) as (_, frames):
        frames.until(lambda frame: frame.id is not None)
        ada.sign_out()
        assert [frame.event for frame in frames.rest()][-1:] == ["end"]


def test_the_long_poll_answers_the_test_client(app: Flask, ada: Person, room: int) -> None:
    cursor = ada.post(room, "before")["id"]
    later = gevent.spawn(ada.poll, path(room), cursor, 20)
    eventually(lambda: turned() and ada.http.get(f"/api/v1/room/{room}").json()["connections"] == 1)
    posted = ada.post(room, "hello")
    assert later.get(timeout=WITHIN_SECONDS) == {"events": [posted], "cursor": posted["id"]}
    assert ada.poll(path(room), after=posted["id"], wait=1) == {"events": [], "cursor": posted["id"]}


def turned() -> bool:
    """This process serves itself: who waits must let the others have their turn."""
    gevent.sleep(0)
    return True


# Real processes


@contextmanager
def development(database_url: str, redis_url: str, folder: Path) -> Iterator[Callable[[str], Person]]:
    with flask_run(database_url, redis_url) as url:
        yield lambda name: Person.sign_up(url, name)


@contextmanager
def secure(database_url: str, redis_url: str, folder: Path) -> Iterator[Callable[[str], Person]]:
    with TlsServer(database_url, redis_url, Certificate(folder)) as server:
        yield lambda name: Person.sign_up(server.url, name, server.transport())


Start = Callable[[str, str, Path], AbstractContextManager[Callable[[str], Person]]]


@pytest.mark.parametrize("start", [development, secure], ids=["flask-run", "tls-in-gunicorn"])
def test_a_server_without_a_socket_to_take_streams_too(start: Start, database_url: str, redis_url: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        sign_up = stack.enter_context(start(database_url, redis_url, tmp_path))
        alice, bob = stack.enter_context(sign_up("alice")), stack.enter_context(sign_up("bob"))
        room = alice.create_room()["id"]
        with alice.http.stream("GET", path(room), headers=STREAM) as response:
            frames = Frames(response.iter_raw())
            assert (response.status_code, response.headers["content-type"]) == (200, "text/event-stream")
            frames.until(lambda frame: frame.id is not None)
            posted = [bob.post(room, f"message {number}") for number in range(5)]
            assert [frames.message() for _ in posted] == posted
            assert frames.until(lambda frame: frame.event == "heartbeat")[-1].id == posted[-1]["id"]
        eventually(lambda: bob.http.get(f"/api/v1/room/{room}").json()["connections"] == 0)
        missed = [bob.post(room, f"missed {number}") for number in range(5)]
        with alice.http.stream("GET", path(room), headers={**STREAM, "Last-Event-ID": str(posted[-1]["id"])}) as response:
            frames = Frames(response.iter_raw())
            assert [frames.message() for _ in missed] == missed
        assert polled(alice, room, posted[-1]["id"], len(missed)) == missed
        assert alice.poll(path(room), after=missed[-1]["id"], wait=1) == {"events": [], "cursor": missed[-1]["id"]}


def polled(person: Person, room: int, cursor: int, count: int) -> list[Any]:
    events: list[Any] = []
    while len(events) < count:
        answer = person.poll(path(room), after=cursor)
        events += answer["events"]
        cursor = answer["cursor"]
    return events


def test_a_tls_stream_is_sent_away_when_its_worker_stops(database_url: str, redis_url: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(TlsServer(database_url, redis_url, Certificate(tmp_path)))
        alice = stack.enter_context(Person.sign_up(server.url, "alice", server.transport()))
        response = stack.enter_context(alice.http.stream("GET", path(alice.create_room()["id"]), headers=STREAM))
        frames = Frames(response.iter_raw())
        frames.until(lambda frame: frame.id is not None)
        server.stop()
        assert frames.rest()[-1].event == "bye"


def test_somebody_who_does_not_trust_the_certificate_gets_nothing(database_url: str, redis_url: str, tmp_path: Path) -> None:
    """The control: what the others read did come through TLS."""
    with TlsServer(database_url, redis_url, Certificate(tmp_path)) as server, pytest.raises(httpx.ConnectError):
        httpx.get(f"{server.url}/healthz", trust_env=False)
