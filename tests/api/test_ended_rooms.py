"""A room that has ended: one last event, closed streams, and the same response to every later request."""

from typing import Any

import pytest
import redis

from tests.harness.people import Person, unique
from tests.harness.responses import BASES, problem
from tests.harness.server import Server
from tests.harness.tables import execute, nothing_stored

CALLS = [
    ("GET", ""),
    ("PATCH", ""),
    ("DELETE", ""),
    ("POST", "/invite"),
    ("POST", "/members"),
    ("GET", "/members"),
    ("DELETE", "/members/me"),
    ("DELETE", "/members/{bob}"),
    ("GET", "/bans"),
    ("PUT", "/bans/{bob}"),
    ("DELETE", "/bans/{bob}"),
    ("POST", "/messages"),
    ("GET", "/messages"),
    ("GET", "/messages?after=0"),
    ("GET", "/subscribe"),
    ("GET", "/subscribe?after=0&wait=0"),
]
BODIES = {"POST /messages": {"text": "hi"}, "PATCH ": {"topic": "x"}}
KINDS: list[dict[str, Any]] = [{}, {"kind": "closed"}, {"expires_in": 1}, {"kind": "closed", "expires": "when_empty"}]


def ended_room(owner: Person, **kind: Any) -> dict[str, Any]:
    room = owner.create_room(**kind)
    owner.post(room["id"], "last words")
    assert owner.http.delete(f"/room/{room['id']}").status_code == 204
    return room


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: " ".join(map(str, kind.values())) or "open")
def test_every_call_is_told_that_it_is_gone(server: Server, alice: Person, bob: Person, kind: dict[str, Any]) -> None:
    room = ended_room(alice, **kind)
    documents = set()
    with nothing_stored(server.database_url):
        for base in BASES:
            for method, path in CALLS:
                for reference in (room["id"], room["name"]):
                    answer = alice.http.request(
                        method, f"{base}/room/{reference}{path.format(bob=bob.id)}", json=BODIES.get(f"{method} {path}")
                    )
                    documents.add(str(problem(answer, 410)))
            documents.add(str(problem(alice.http.get(f"{base}/connect/{room['id']}"), 410)))
            documents.add(str(problem(alice.http.get(f"{base}/subscribe?room={room['id']}&wait=0"), 410)))
        with alice.stream_room(room["id"]) as stream:
            assert stream.status == 410
    assert len(documents) == 1


def test_a_closed_room_that_ended_was_never_there_for_others(server: Server, alice: Person, bob: Person) -> None:
    room = ended_room(alice, kind="closed")
    with nothing_stored(server.database_url):
        for method, path in CALLS:
            problem(bob.http.request(method, f"/room/{room['id']}{path.format(bob=bob.id)}", json=BODIES.get(f"{method} {path}")), 404)


def test_nothing_is_accepted_from_the_hour_on(server: Server, alice: Person) -> None:
    """Even before anybody has closed the room."""
    room = alice.create_room(expires_in=1)["id"]
    execute(server.database_url, "UPDATE rooms SET expires_at = now() - interval '1 millisecond' WHERE id = :id", {"id": room})
    problem(alice.http.post(f"/room/{room}/messages", json={"text": "too late"}), 410)
    problem(alice.http.get(f"/room/{room}/messages"), 410)


def test_an_ended_room_has_one_last_event_and_its_streams_end(alice: Person, bob: Person) -> None:
    room, other = alice.create_room()["id"], alice.create_room()["id"]
    for person in (alice, bob):
        person.http.post(f"/room/{other}/members")
    with alice.stream_room(room) as one, bob.stream("/subscribe", room=room) as several, alice.stream("/subscribe") as everything:
        message = alice.post(room, "last words")
        assert alice.http.delete(f"/room/{room}").status_code == 204
        *_, said, closed, end = [frame for frame in one.until_closed() if frame.id or frame.event == "end"]
        assert (said.id, closed.event, end.event) == (message["id"], "room_closed", "end")
        assert (closed.json()["reason"], end.json()) == ("owner", {"reason": "room_closed"})
        after = alice.post(other, "elsewhere life goes on")
        for stream in (several, everything):
            frames = stream.until(lambda frame: frame.is_message and frame.json()["id"] == after["id"])
            assert [frame.event for frame in frames if frame.id and frame.event and frame.event != "heartbeat"] in (
                ["message", "room_closed", "message"],
                ["join", "message", "room_closed", "message"],
            )


def test_a_poll_that_waits_hears_the_end(alice: Person, bob: Person) -> None:
    room = alice.create_room()["id"]
    cursor = bob.poll(f"/room/{room}/subscribe", wait=0)["cursor"]
    alice.http.delete(f"/room/{room}")
    answer = bob.http.get(f"/room/{room}/subscribe?after={cursor}&wait=5")
    problem(answer, 410)


def test_whoever_was_away_learns_of_the_end_from_the_stream_of_everything(alice: Person, bob: Person) -> None:
    room = alice.create_room()["id"]
    bob.http.post(f"/room/{room}/members")
    cursor = bob.poll("/subscribe", wait=0)["cursor"]
    alice.http.delete(f"/room/{room}")
    polled = bob.poll("/subscribe", after=cursor, wait=5)
    assert [event["kind"] for event in polled["events"]] == ["room_closed"]
    with bob.stream("/subscribe", cursor) as stream:
        assert stream.until(lambda frame: frame.event == "room_closed")[-1].json()["room"]["id"] == room


def test_a_stream_of_everything_outlives_the_rooms_that_ended_before_it(server: Server, alice: Person, bob: Person) -> None:
    over, lobby = alice.create_room()["id"], alice.create_room()["id"]
    for room in (over, lobby):
        bob.http.post(f"/room/{room}/members")
    alice.http.delete(f"/room/{over}")
    with bob.stream("/subscribe") as stream, redis.Redis.from_url(server.redis_url) as said:
        for _ in range(2):
            stream.until(lambda frame: frame.event == "heartbeat")
        rooms = {room for worker in said.smembers("chat:leases") for room in said.hkeys(b"chat:connections:" + worker)}
        assert (b"%d" % lobby) in rooms
        assert (b"%d" % over) not in rooms
        alice.post(lobby, "still here?")
        assert stream.next_message()["text"] == "still here?"


def test_a_room_ends_once(alice: Person) -> None:
    room = alice.create_room()["id"]
    assert alice.http.delete(f"/room/{room}").status_code == 204
    problem(alice.http.delete(f"/room/{room}"), 410)


def test_the_name_is_free_again(alice: Person, bob: Person) -> None:
    room = ended_room(alice, name=unique("phoenix"))
    again = bob.http.post("/rooms", json={"name": room["name"]})
    assert again.status_code == 201
    assert alice.http.get(f"/room/{room['name']}").json()["id"] == again.json()["id"]
    problem(alice.http.get(f"/room/{room['id']}"), 410)


def test_an_ended_room_is_in_no_list(alice: Person) -> None:
    room = ended_room(alice)
    assert room["id"] not in [listed["id"] for listed in alice.http.get("/rooms", params={"name": room["name"]}).json()]


def test_a_message_of_an_ended_room_is_not_found(alice: Person) -> None:
    room = alice.create_room()["id"]
    message = alice.post(room, "last words")["id"]
    alice.http.delete(f"/room/{room}")
    problem(alice.http.get(f"/message/{message}"), 404)
