"""Real clients: curl, a browser's EventSource, a library from PyPI, and nginx in between. All receive, drop and resume."""

import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import httpx
import httpx_sse
import pytest
from playwright.sync_api import Browser, Page

from tests.harness.deadline import eventually
from tests.harness.nginx import nginx
from tests.harness.people import Person, unique
from tests.harness.server import Server
from tests.harness.streams import EventStream
from tests.harness.wire import target

WITHIN_SECONDS = 30.0
IN_VAIN_SECONDS = 2.0  # two heartbeats

LISTEN = """
url => {
    window.seen = [];
    window.beats = [];
    window.opened = 0;
    window.source = new EventSource(url);
    window.source.addEventListener("open", () => window.opened += 1);
    window.source.addEventListener("message", event => window.seen.push([Number(event.lastEventId), JSON.parse(event.data).text]));
    window.source.addEventListener("heartbeat", event => window.beats.push(Number(event.lastEventId)));
}
"""
SIGN_UP = """
name => fetch("/api/v1/users", {
    method: "POST",
    headers: {"Content-Type": "application/json"},
    body: JSON.stringify({name, password: "correct horse battery staple"})
}).then(answer => answer.status)
"""


@pytest.fixture
def server(mended_server: Server) -> Server:
    """Alice and bob use the server that the tests stop and kill."""
    return mended_server


@pytest.fixture
def room(bob: Person) -> int:
    made: int = bob.create_room()["id"]
    return made


def path(room: int) -> str:
    return f"/api/v1/room/{room}/subscribe"


def kill_workers(server: Server) -> None:
    """Every stream drops, without a word."""
    for pid in server.worker_pids():
        server.kill_worker(pid)


def bearer(person: Person) -> dict[str, str]:
    return {"Authorization": f"Bearer {person.token}"}


# curl


class Curl:
    """`curl -N`, whose lines arrive in a file."""

    def __init__(self, person: Person, room: int, folder: Path, *more: str) -> None:
        self._output = folder / "curl"
        headers = ["-H", f"Authorization: Bearer {person.token}", "-H", "Accept: text/event-stream", *more]
        command = ["curl", "-sSN", *headers, f"{person.http.base_url}{path(room)}"]
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL)

    @property
    def lines(self) -> list[str]:
        return self._output.read_text().splitlines()

    @property
    def ids(self) -> list[int]:
        """Those of its messages."""
        lines = self.lines
        return [int(before.removeprefix("id: ")) for before, line in pairwise(lines) if line == "event: message"]

    def __enter__(self) -> "Curl":
        return self

    def __exit__(self, *error: object) -> None:
        self.process.kill()
        self.process.wait()


def test_curl_receives_drops_and_resumes(mended_server: Server, bob: Person, room: int, tmp_path: Path) -> None:
    with Curl(bob, room, tmp_path) as curl:
        eventually(lambda: any(line.startswith("id: ") for line in curl.lines))
        received = [bob.post(room, f"received {number}")["id"] for number in range(3)]
        eventually(lambda: curl.ids == received)
        kill_workers(mended_server)
        curl.process.wait(WITHIN_SECONDS)
    mended_server.wait_until_whole()
    missed = [bob.post(room, f"missed {number}")["id"] for number in range(3)]
    with Curl(bob, room, tmp_path, "-H", f"Last-Event-ID: {received[-1]}") as curl:
        eventually(lambda: curl.ids == missed)
        live = bob.post(room, "live")["id"]
        eventually(lambda: curl.ids == [*missed, live])


# A library from PyPI


def test_a_library_receives_drops_and_resumes(mended_server: Server, bob: Person, room: int) -> None:
    received = [bob.post(room, f"received {number}")["id"] for number in range(3)]
    seen, last = read_with_library(bob, room, received[0] - 1, received[-1])
    assert seen == received
    missed = [bob.post(room, f"missed {number}")["id"] for number in range(3)]
    kill_workers(mended_server)
    mended_server.wait_until_whole()
    seen, last = read_with_library(bob, room, last, missed[-1])
    assert (seen, last) == (missed, missed[-1])


def read_with_library(person: Person, room: int, cursor: int, up_to: int) -> tuple[list[int], int]:
    """The ids of the messages up to one, and the last event id of the library."""
    seen: list[int] = []
    headers = {**bearer(person), "Last-Event-ID": str(cursor)}
    with httpx_sse.connect_sse(person.http, "GET", path(room), headers=headers) as source:
        for event in source.iter_sse():
            if event.event == "message" and event.data:
                seen.append(event.json()["id"])
            if int(event.id or 0) >= up_to:
                return seen, int(event.id)
    raise AssertionError(f"the stream ended after {seen}")


# The browser's own EventSource


@pytest.fixture
def page(chromium: Browser, mended_server: Server) -> Iterator[Page]:
    """A page of the service's own origin, on which somebody has just signed up."""
    context = chromium.new_context()
    opened = context.new_page()
    opened.goto(mended_server.url)
    assert opened.evaluate(SIGN_UP, unique("alice")) == 201
    yield opened
    context.close()


def seen(page: Page) -> list[int]:
    ids: list[int] = [event_id for event_id, _ in page.evaluate("window.seen")]
    return ids


def test_a_browser_receives_drops_and_resumes(mended_server: Server, bob: Person, room: int, page: Page) -> None:
    page.evaluate(LISTEN, path(room))
    eventually(lambda: page.evaluate("window.opened") == 1)
    posted = [bob.post(room, f"before the drop {number}")["id"] for number in range(3)]
    eventually(lambda: seen(page) == posted)
    kill_workers(mended_server)
    mended_server.wait_until_whole()
    posted += [bob.post(room, f"while it is away {number}")["id"] for number in range(3)]
    eventually(lambda: page.evaluate("window.opened") == 2, WITHIN_SECONDS)
    posted.append(bob.post(room, "after it has come back")["id"])
    eventually(lambda: len(seen(page)) >= len(posted), WITHIN_SECONDS)
    assert seen(page) == posted, "it misses nothing and repeats nothing"


def test_a_quiet_browsers_last_event_id_moves_with_heartbeats(bob: Person, room: int, page: Page) -> None:
    page.evaluate(LISTEN, path(room))
    eventually(lambda: page.evaluate("window.opened") == 1)
    elsewhere = bob.post(bob.create_room()["id"], "elsewhere")["id"]
    eventually(lambda: page.evaluate("window.beats.at(-1)") == elsewhere)
    assert seen(page) == []


def test_a_browser_that_was_quiet_comes_back_with_the_heartbeats_id(mended_server: Server, bob: Person, room: int, page: Page) -> None:
    page.evaluate(LISTEN, path(room))
    elsewhere = bob.post(bob.create_room()["id"], "elsewhere")["id"]
    eventually(lambda: page.evaluate("window.beats.at(-1)") == elsewhere)
    with page.expect_request(lambda request: "subscribe" in request.url, timeout=WITHIN_SECONDS * 1000) as again:
        kill_workers(mended_server)
    assert int(again.value.all_headers()["last-event-id"]) >= elsewhere


def test_a_browser_stops_asking_when_its_session_is_over(bob: Person, room: int, page: Page) -> None:
    page.evaluate(LISTEN, path(room))
    eventually(lambda: page.evaluate("window.opened") == 1)
    assert page.evaluate('fetch("/api/v1/session", {method: "DELETE"}).then(answer => answer.status)') == 204
    eventually(lambda: page.evaluate("window.source.readyState") == 2, WITHIN_SECONDS)
    assert page.evaluate("window.opened") == 1


def test_a_page_that_makes_a_new_eventsource_resumes_by_query(bob: Person, room: int, page: Page) -> None:
    """A new one sends no Last-Event-ID."""
    first, second = bob.post(room, "seen before")["id"], bob.post(room, "missed")["id"]
    page.evaluate(LISTEN, target(path(room), after=first))
    eventually(lambda: seen(page) == [second])


# nginx


def test_a_stream_through_nginx_with_its_default_buffering_is_not_held_back(
    mended_server: Server, bob: Person, room: int, tmp_path: Path
) -> None:
    with nginx(mended_server, tmp_path) as url:
        with EventStream(url, path(room), bearer(bob)) as stream:
            stream.until(lambda frame: frame.id is not None)
            posted = bob.post(room, "through the proxy")
            assert stream.next_message() == posted
        missed = bob.post(room, "missed")
        with EventStream(url, path(room), {**bearer(bob), "Last-Event-ID": str(posted["id"])}) as stream:
            assert stream.next_message() == missed
        polled = httpx.get(f"{url}{path(room)}", params={"after": posted["id"]}, headers=bearer(bob), trust_env=False)
        assert polled.json()["events"] == [missed]


def test_a_client_that_leaves_through_nginx_is_noticed(mended_server: Server, bob: Person, room: int, tmp_path: Path) -> None:
    def connections() -> int:
        counted: int = bob.http.get(f"/api/v1/room/{room}").json()["connections"]
        return counted

    with nginx(mended_server, tmp_path) as url:
        with EventStream(url, path(room), bearer(bob)) as stream:
            stream.until(lambda frame: frame.id is not None)
            eventually(lambda: connections() == 1)
        eventually(lambda: connections() == 0)


def test_the_control_nginx_holds_a_stream_back_that_does_not_say_otherwise(
    mended_server: Server, bob: Person, room: int, tmp_path: Path
) -> None:
    """What the header is good for: with it ignored, a client waits in vain even for the answer's head."""
    with nginx(mended_server, tmp_path, "proxy_ignore_headers X-Accel-Buffering;") as url, pytest.raises(TimeoutError):
        EventStream(url, path(room), bearer(bob), within=IN_VAIN_SECONDS)
