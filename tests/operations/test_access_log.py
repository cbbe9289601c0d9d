"""The access log: a line for each request when it is answered, and for each stream and long poll when it ends, without content."""

import json
import signal
from collections.abc import Callable
from os import kill
from typing import Any

import pytest

from tests.harness import http_client, raw
from tests.harness.deadline import eventually
from tests.harness.operator import Operator
from tests.harness.people import PASSWORD, Person
from tests.harness.server import Server
from tests.harness.uploads import upload

MARK = "xyzzy"  # in all that people write, and in nothing else
ENDS = 30.0


@pytest.fixture(scope="module")
def module_options() -> dict[str, Any]:
    return {"settings": {"ACCESS_LOG": "on", "LOG_FORMAT": "json"}}


def lines(server: Server) -> list[dict[str, Any]]:
    return [line for line in map(json.loads, server.log().splitlines()) if line["logger"] == "chat.access"]


def line_of(server: Server, request_id: str) -> dict[str, Any]:
    """Waits for the line of the request, which must be its only one."""
    eventually(lambda: any(line["request_id"] == request_id for line in lines(server)), ENDS)
    [line] = [line for line in lines(server) if line["request_id"] == request_id]
    return line


def told(line: dict[str, Any]) -> tuple[Any, ...]:
    return line["method"], line["route"], line["status"]


def test_a_line_for_each_request(mended_server: Server, dora: Person) -> None:
    room = dora.create_room()["id"]
    for method, path, route, status in (
        ("GET", "/healthz", "/healthz", 200),
        ("GET", f"/api/v1/room/{room}", "/api/v1/room/<room>", 200),
        ("GET", f"/room/{room}/messages?limit=2", "/room/<room>/messages", 200),
        ("GET", "/room/none", "/room/<room>", 404),
        ("GET", "/nowhere/at/all", "-", 404),
        ("GET", "/static/none", "/static/<path:path>", 404),
        ("GET", "/admin/api/v1/rooms", "/admin/api/v1/rooms", 401),
        ("HEAD", "/", "/", 200),
        ("BREW", "/", "-", 405),
    ):
        answer = dora.http.request(method, path)
        line = line_of(mended_server, answer.headers["X-Request-ID"])
        assert told(line) == ("-" if method == "BREW" else method, "-" if status == 405 else route, status)
        assert method == "HEAD" or line["bytes"] == len(answer.content)
        assert line["ms"] >= 0


def test_a_request_that_cannot_be_read_has_a_line(mended_server: Server) -> None:
    answer = raw.send(mended_server, f"nonsense {MARK}\r\n\r\n".encode())
    assert line_of(mended_server, answer.headers["X-Request-ID"])["status"] == 400


def received(stream: Any) -> int:
    """All bytes of the answer, after it ended."""
    stream.settimeout(ENDS)
    return sum(len(portion) for portion in iter(lambda: stream.recv(65536), b""))


def sign_out(_server: Server, dora: Person) -> None:
    dora.sign_out()


def stop_the_workers(server: Server, _dora: Person) -> None:
    old = server.worker_pids()
    for pid in old:
        kill(pid, signal.SIGTERM)
    eventually(lambda: not set(old) & set(server.worker_pids()), ENDS)


@pytest.mark.parametrize(("end", "reason"), [(sign_out, "signed_out"), (stop_the_workers, "drain")])
def test_a_line_for_a_stream_when_it_ends(mended_server: Server, dora: Person, end: Callable[..., None], reason: str) -> None:
    room = dora.create_room()["id"]
    before = [dora.post(room, f"resumed {number}") for number in range(3)]
    with raw.connect(mended_server) as client:
        headers = {"Authorization": f"Bearer {dora.token}", "Accept": "text/event-stream", "X-Test": MARK}
        client.sendall(raw.request(f"GET /room/{room}/subscribe?after={before[0]['id']} HTTP/1.1", headers))
        begun = client.recv(65536)
        while b"resumed 2" not in begun:
            begun += client.recv(65536)
        for number in range(4):
            dora.post(room, f"live {number}")
            while f"live {number}".encode() not in begun:
                begun += client.recv(65536)
        request_id = begun.partition(b"X-Request-ID: ")[2][:16].decode()
        assert not any(line.get("request_id") == request_id for line in lines(mended_server)), "it has not ended"
        end(mended_server, dora)
        total = len(begun) + received(client)
    line = line_of(mended_server, request_id)
    assert (*told(line), line["reason"]) == ("GET", "/room/<room>/subscribe", 200, reason)
    assert line["events"] == 2 + 4
    assert line["bytes"] == total


def test_a_line_for_a_client_that_went_away(mended_server: Server, dora: Person) -> None:
    room = dora.create_room()["id"]
    with dora.stream_room(room) as stream:
        request_id = stream.headers["x-request-id"]
        stream.until(lambda frame: frame.id is not None)
    line = line_of(mended_server, request_id)
    assert (line["reason"], line["events"]) == ("gone", 0)


def test_a_line_for_a_long_poll_that_waited(mended_server: Server, dora: Person) -> None:
    room = dora.create_room()["id"]
    head = dora.post(room, "the newest")["id"]
    answer = dora.http.get(f"/room/{room}/subscribe?after={head}&wait=1")
    line = line_of(mended_server, answer.headers["X-Request-ID"])
    assert (*told(line), line["reason"], line["events"]) == ("GET", "/room/<room>/subscribe", 200, "answered", 0)


def test_no_line_holds_content(mended_server: Server, dora: Person) -> None:
    olga = Operator(mended_server)
    room = dora.create_room(f"room {MARK}")["name"]
    dora.post(room, f"text {MARK}", f"key-{MARK}")
    http_client.post(f"{mended_server.url}/users", json={"name": f"user-{MARK}", "password": PASSWORD})
    paths = (
        f"/room/{room}",
        f"/room/{room}/subscribe?after=0&wait=0",
        f"/search?q={MARK}",
        f"/user/user-{MARK}",
        f"/join/1-{MARK}",
        f"/{MARK}",
    )
    asked = [dora.http.get(path, headers={"User-Agent": MARK, "Referer": MARK}) for path in paths]
    asked += [upload(dora, f"/room/{room}", b"bytes", f"{MARK}.bin"), olga.request("GET", f"/users?name={MARK}")]
    for answer in asked:
        line_of(mended_server, answer.headers["X-Request-ID"])
    for secret in (MARK, dora.name, dora.token, olga.key["key"], "127.0.0.1:"):
        assert not [line for line in lines(mended_server) if secret in json.dumps(line)]


def test_without_the_setting_there_is_no_access_log(server: Server, alice: Person) -> None:
    assert alice.http.get("/rooms").status_code == 200
    assert "chat.access" not in server.log()
