"""The operator's actions on rooms and people: their effect on clients, and their entries in the audit log."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from tests.harness import http_client
from tests.harness.deadline import eventually
from tests.harness.operator import BASE, Operator
from tests.harness.people import PASSWORD, Person, unique
from tests.harness.responses import next_page, problem
from tests.harness.server import Server
from tests.harness.streams import EventStream
from tests.harness.tables import execute, locked
from tests.harness.workers import only

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


@contextmanager
def on_every_worker(server: Server, person: Person, path: str) -> Iterator[list[EventStream]]:
    """An open stream on each worker."""
    with ExitStack() as streams:
        opened = []
        for pid in server.worker_pids():
            with only(server, pid):
                opened.append(streams.enter_context(person.stream(path)))
        yield opened


def last_frame(stream: EventStream) -> tuple[str | None, Any]:
    frame = stream.until_closed()[-1]
    return frame.event, frame.json()


def test_both_listeners_say_what_they_are(server: Server, olga: Operator) -> None:
    mounted = http_client.get(f"{server.url}/admin{BASE}/", headers=olga.headers).json()
    public = http_client.get(f"{server.url}{BASE}/").json()
    assert olga.request("GET", "/").json() == mounted == {"data": {"app": "Admin chatserver", "version": public["data"]["version"]}}
    assert public["data"]["app"] == "chatserver"


def test_olga_sees_every_living_room_and_how_busy_it_is(server: Server, olga: Operator, alice: Person) -> None:
    closed, over = alice.create_room(kind="closed"), alice.create_room()
    alice.post(closed["id"], "hello")
    assert alice.http.delete(f"{BASE}/room/{over['id']}").status_code == 204

    with alice.stream_room(closed["id"]):
        eventually(lambda: olga.call("GET", f"/rooms?name={closed['name']}")[0]["connections"] == 1)
    (found,) = olga.call("GET", f"/rooms?name={closed['name']}")

    assert {name: found[name] for name in ("id", "kind", "owner", "members", "messages", "bytes")} == {
        "id": closed["id"], "kind": "closed", "owner": alice.name, "members": 1, "messages": 1, "bytes": 5,
    }  # fmt: skip
    assert found["age"] >= 0
    assert olga.call("GET", f"/rooms?name={over['name']}") == []


def test_lists_come_in_pages(server: Server, olga: Operator, alice: Person) -> None:
    word = unique("paged")
    made = [alice.create_room(f"{word}-{number}")["id"] for number in range(3)]
    first = olga.request("GET", f"/rooms?name={word}&limit=2")
    more = next_page(first)
    assert more is not None
    second = http_client.get(more, headers=olga.headers)
    assert [room["id"] for page in (first, second) for room in page.json()["data"]] == made
    assert next_page(second) is None


def test_a_room_that_olga_shuts_down_ends_for_everybody(server: Server, olga: Operator, alice: Person) -> None:
    room = alice.create_room()
    with on_every_worker(server, alice, f"/room/{room['id']}/subscribe") as streams:
        assert olga.call("DELETE", f"/room/{room['name']}")["message"] == "Room closed"
        for stream in streams:
            frames = stream.until_closed()
            (closed,) = [frame.json() for frame in frames if frame.event == "room_closed"]
            assert closed["reason"] == "operator"
            assert frames[-1].event == "end"
    problem(alice.http.get(f"{BASE}/room/{room['id']}"), 410)
    problem(olga.request("DELETE", f"/room/{room['id']}"), 404)
    (entry,) = [entry for entry in olga.audited("room closed") if entry["subject"] == room["name"]]
    assert json.loads(entry["detail"]) == {"id": room["id"]}


@pytest.mark.parametrize("door", ["", "/admin"])
def test_a_program_makes_rooms_for_its_own_users(server: Server, alice: Person, door: str) -> None:
    program, name = Operator(server, server.url + door, scope="rooms"), unique("match 12")

    made = program.request("POST", f"/room/{name}")

    assert made.status_code == 201
    url = made.json()["data"].pop("url")
    assert made.json() == {"data": {"room": name, "url": url, "message": "Room created"}}
    assert made.headers["Location"] == url
    assert url.startswith(f"{server.url}{door}{BASE}/room/")
    assert http_client.get(url, headers=program.headers).json()["data"]["room"] == name
    problem(program.request("POST", f"/room/{name}"), 409)
    problem(program.request("POST", "/room/12"), 400, "room")
    problem(program.request("GET", "/room/nowhere"), 404)
    alice.post(name, "hello")
    assert alice.http.get(f"{BASE}/room/{name}").json()["owner"] is None
    assert [entry["subject"] for entry in Operator(server).call("GET", "/audit") if entry["actor"] == program.actor] == [name]


def test_a_name_that_a_program_is_just_taking_is_taken(server: Server, alice: Person) -> None:
    program, name, room = Operator(server, scope="rooms"), unique("match 13"), alice.create_room()["id"]
    with ThreadPoolExecutor(2) as pool:
        with locked(server.database_url, "audit"):  # the room is made, and not committed
            made = pool.submit(program.request, "POST", f"/room/{name}")
            eventually(lambda: execute(server.database_url, WAITING)[0][0] >= 1)
            renamed = pool.submit(alice.http.patch, f"/room/{room}", json={"name": name})
            eventually(lambda: execute(server.database_url, WAITING)[0][0] >= 2)
        assert made.result().status_code == 201
        problem(renamed.result(), 409, "name")


def test_on_the_public_listener_a_room_is_a_members_matter_without_a_key(server: Server, alice: Person) -> None:
    room = alice.create_room(kind="closed")
    program = Operator(server, server.url, scope="rooms")
    problem(http_client.get(f"{server.url}{BASE}/room/{room['id']}"), 401)
    problem(http_client.post(f"{server.url}{BASE}/room/{unique('room')}"), 401)
    problem(alice.http.post(f"{BASE}/room/{unique('room')}"), 401)
    wrong = {"Authorization": f"Bearer {alice.token}", "X-API-Key": "chat_rooms_wrong"}
    problem(http_client.get(f"{server.url}{BASE}/room/{room['id']}", headers=wrong), 401)
    assert program.call("GET", f"/room/{room['id']}") == {"id": room["id"], "room": room["name"]}
    assert http_client.get(f"{server.url}{BASE}/room/{room['id']}/messages", headers=program.headers).status_code == 401


def test_an_announcement_reaches_one_room_several_or_all_and_stays_in_their_history(server: Server, olga: Operator, alice: Person) -> None:
    first, second, closed, over = (alice.create_room(kind=kind)["id"] for kind in ("open", "open", "closed", "open"))
    assert alice.http.delete(f"{BASE}/room/{over}").status_code == 204
    with on_every_worker(server, alice, "/subscribe") as streams:
        assert olga.call("POST", "/announcements", {"text": "one", "rooms": [first]}) == {"rooms": 1}
        assert olga.call("POST", "/announcements", {"text": "two", "rooms": [str(first), second, first]}) == {"rooms": 2}
        reached = olga.call("POST", "/announcements", {"text": "all", "rooms": None})["rooms"]
        for stream in streams:
            frames = [stream.until(lambda frame: frame.event == "announcement")[-1] for _ in range(6)]
            heard = [(frame.json()["room"]["id"], frame.json()["text"]) for frame in frames]
            assert heard == [(first, "one"), (first, "two"), (second, "two"), (first, "all"), (second, "all"), (closed, "all")]
            assert {frame.json()["sender"] for frame in frames} == {None}
    assert alice.history(first) == ["one", "two", "all"]
    assert alice.history(closed) == ["all"]
    assert alice.http.get(f"{BASE}/room/{first}").json()["messages"] == 3
    assert [json.loads(entry["detail"]) for entry in olga.audited("announced")[:3]] == [
        {"text": "all", "rooms": reached},
        {"text": "two", "rooms": 2},
        {"text": "one", "rooms": 1},
    ]


def test_a_banned_user_is_out_at_once_everywhere_and_stays_out(server: Server, olga: Operator, bob: Person) -> None:
    credentials = {"name": bob.name, "password": PASSWORD}
    with bob.sign_in_again() as phone, on_every_worker(server, bob, "/subscribe") as streams, phone.stream("/messages/subscribe") as other:
        assert olga.call("PUT", f"/user/{bob.name}/ban") == {"user": bob.name, "banned": True}
        for stream in (*streams, other):
            assert last_frame(stream) == ("end", {"reason": "banned"})
        problem(bob.http.get(f"{BASE}/rooms"), 401)
        problem(phone.http.get(f"{BASE}/rooms"), 401)
    assert problem(http_client.post(f"{server.url}{BASE}/session", json=credentials), 403)["type"].endswith("banned")
    problem(http_client.post(f"{server.url}{BASE}/session", json={**credentials, "password": "a wrong password"}), 401)
    problem(http_client.post(f"{server.url}{BASE}/users", json=credentials), 409)
    (listed,) = olga.call("GET", f"/users?name={bob.name}")
    assert listed["banned_at"] is not None
    assert listed["sessions"] == 0
    olga.call("PUT", f"/user/{bob.id}/ban")  # once more changes nothing
    assert [entry["subject"] for entry in olga.audited("user banned")] == [bob.name]


def test_a_ban_that_is_lifted_lets_one_sign_in_again(server: Server, olga: Operator, bob: Person) -> None:
    olga.call("PUT", f"/user/{bob.id}/ban")
    assert olga.call("DELETE", f"/user/{bob.id}/ban")["banned"] is False
    with bob.sign_in_again() as again:
        assert again.http.get(f"{BASE}/rooms").status_code == 200
    assert olga.audited("user unbanned")[0]["subject"] == bob.name


def test_sessions_that_olga_ends_take_their_streams_along(server: Server, olga: Operator, bob: Person) -> None:
    with on_every_worker(server, bob, "/subscribe") as streams:
        assert olga.call("DELETE", f"/user/{bob.name}/sessions")["sessions"] == 1
        for stream in streams:
            assert last_frame(stream) == ("end", {"reason": "ended"})
    problem(bob.http.get(f"{BASE}/rooms"), 401)
    assert olga.audited("sessions ended")[0]["subject"] == bob.name
    with bob.sign_in_again() as again:
        assert again.http.get(f"{BASE}/rooms").status_code == 200


def test_olga_sees_the_streams_of_all_workers(server: Server, olga: Operator, alice: Person) -> None:
    room = alice.create_room()["id"]

    def hers() -> list[dict[str, Any]]:
        answer = olga.call("GET", "/streams")
        assert answer["whole"]
        assert {worker["pid"] for worker in answer["workers"]} == set(server.worker_pids())
        return [stream for stream in answer["streams"] if stream["user_id"] == alice.id]

    with on_every_worker(server, alice, f"/room/{room}/subscribe"):
        eventually(lambda: {stream["pid"] for stream in hers()} == set(server.worker_pids()))
        for stream in hers():
            assert (stream["user"], stream["rooms"], stream["transport"]) == (alice.name, [room], "sse")
            assert (stream["address"], stream["backlog"]) == ("127.0.0.1", 0)
            assert stream["age"] >= 0
    eventually(lambda: not hers())


def test_olga_sees_the_figures_of_all_workers(server: Server, olga: Operator) -> None:
    eventually(lambda: len(olga.call("GET", "/figures")) >= server.workers)
    samples = next(iter(olga.call("GET", "/figures").values()))
    assert {"at", "streams", "posts", "deliveries"} <= samples[-1].keys()


def test_the_audit_log_reads_from_the_newest_back(server: Server, olga: Operator, bob: Person) -> None:
    olga.call("PUT", f"/user/{bob.id}/ban")
    olga.call("DELETE", f"/user/{bob.id}/ban")
    newest, before = olga.call("GET", "/audit?limit=2")
    assert (newest["act"], before["act"]) == ("user unbanned", "user banned")
    assert newest["actor"] == olga.actor
    assert olga.call("GET", f"/audit?limit=1&before={newest['id']}") == [before]
