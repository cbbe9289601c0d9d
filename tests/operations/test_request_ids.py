"""Every answer has a request id, which a trusted proxy may choose, and the log names the request by it."""

from collections.abc import Iterator
from threading import Thread
from typing import Any

import httpx
import pytest

from tests.harness import http_client, raw
from tests.harness.people import Person
from tests.harness.responses import problem
from tests.harness.server import Server
from tests.harness.tables import execute

UNUSABLE = ["", "a" * 65, "two words", "ümlaut", "a,b", "a\\b", "<a>"]


@pytest.fixture(scope="module")
def module_options() -> dict[str, Any]:
    return {"settings": {"PROXY_HOPS": "1"}}


@pytest.fixture
def trusting(mended_server: Server) -> Server:
    """Behind a proxy."""
    return mended_server


@pytest.fixture
def without_rooms(fresh_server: Server) -> Iterator[Server]:
    execute(fresh_server.database_url, "ALTER TABLE rooms RENAME TO away")
    yield fresh_server
    execute(fresh_server.database_url, "ALTER TABLE away RENAME TO rooms")


def request_id(answer: httpx.Response) -> str:
    [value] = answer.headers.get_list("X-Request-ID")
    return value


def test_a_trusted_proxy_chooses_the_id(trusting: Server, dora: Person) -> None:
    for chosen in ("a", "Root=1-67891233-abcdef012345678912345678".replace("=", "-"), "A.b_c-" + "9" * 58):
        answer = dora.http.get("/api/v1/room/none", headers={"X-Request-ID": chosen})
        assert problem(answer, 404)
        assert request_id(answer) == chosen


@pytest.mark.parametrize("chosen", UNUSABLE)
def test_an_id_that_is_not_one_is_replaced(trusting: Server, chosen: str) -> None:
    answer = raw.send(trusting, raw.request("POST /api/v1/session HTTP/1.1", {"X-Request-ID": chosen, "Content-Length": "0"}))
    assert len(request_id(answer)) == 16
    assert problem(answer, 415)


def test_nobody_chooses_the_id_without_a_proxy(server: Server) -> None:
    ids = [
        request_id(http_client.get(f"{server.url}{path}", headers={"X-Request-ID": "mine"})) for path in ("/healthz", "/", "/static/none")
    ]
    assert "mine" not in ids
    assert len(set(ids)) == 3


def test_the_admin_listener_has_no_proxy_in_front(trusting: Server) -> None:
    answer = http_client.get(f"{trusting.admin_url}/api/v1/rooms", headers={"X-Request-ID": "mine"})
    assert request_id(answer) != "mine"
    assert request_id(http_client.get(f"{trusting.url}/admin/api/v1/rooms", headers={"X-Request-ID": "mine"})) == "mine"


def test_a_stream_and_a_poll_that_waited_have_one(trusting: Server, dora: Person) -> None:
    room = dora.create_room()["id"]
    with dora.stream_room(room) as stream:
        assert len(stream.headers["x-request-id"]) == 16
    answers: list[httpx.Response] = []
    with http_client.client(trusting.url) as http:
        headers = {"Authorization": f"Bearer {dora.token}", "X-Request-ID": "waiting"}
        head = dora.post(room, "the newest")["id"]
        waiting = Thread(target=lambda: answers.append(http.get(f"/api/v1/room/{room}/subscribe?after={head}&wait=1", headers=headers)))
        waiting.start()
        waiting.join()
    assert request_id(answers[0]) == "waiting"
    assert answers[0].json() == {"events": [], "cursor": head}


def test_a_request_that_cannot_be_read_has_one(trusting: Server) -> None:
    assert problem(raw.send(trusting, b"nonsense\r\n\r\n"), 400)


def test_the_log_names_the_request_that_failed(without_rooms: Server) -> None:
    with Person.signed_in(without_rooms, "dora") as dora:
        failed = dora.http.get("/api/v1/rooms")
    assert problem(failed, 500)
    [line] = [line for line in without_rooms.log().splitlines() if "a request failed" in line]
    assert line.endswith(f" request={request_id(failed)}")
