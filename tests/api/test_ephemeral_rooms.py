"""In an ephemeral room a member reads only messages since they joined: live, on resume, in history, by id."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness.people import Person
from tests.harness.responses import problem
from tests.harness.rooms import join
from tests.harness.server import Server
from tests.harness.tables import nothing_stored

WAYS_TO_END = [{"expires_in": 1.0}, {"expires": "when_empty"}]


@pytest.fixture(params=WAYS_TO_END, ids=["by the clock", "when empty"])
def room(request: pytest.FixtureRequest, alice: Person) -> Iterator[dict[str, Any]]:
    """An open ephemeral room of alice's, in which she is, so that it does not end."""
    made = alice.create_room(**request.param)
    with alice.stream_room(made["id"]):
        yield made


def leave(person: Person, room: dict[str, Any]) -> None:
    assert person.http.delete(f"/room/{room['id']}/members/me").status_code == 204


def everything_read(person: Person, room: int) -> list[list[str]]:
    """What one reads of the room, each way there is."""
    polled = person.poll(f"/room/{room}/subscribe", after=0, wait=0)["events"]
    followed = person.poll("/subscribe", after=0, wait=0)["events"]
    with person.stream_room(room, 0) as stream, person.stream("/subscribe", 0) as all_of_it:
        streamed = [stream.messages_until("last"), all_of_it.messages_until("last")]
    texts = [[event["text"] for event in events if event["kind"] == "message"] for events in (polled, followed)]
    return [person.history(room), person.history(room, after=0), *texts, *streamed]


def test_who_has_not_joined_neither_reads_nor_posts(server: Server, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    message = alice.post(room["id"], "among us")["id"]
    with nothing_stored(server.database_url):
        for path in ("messages", "messages?after=0", "subscribe", "subscribe?after=0&wait=0"):
            problem(bob.http.get(f"/room/{room['id']}/{path}"), 403)
        problem(bob.http.get(f"/subscribe?room={room['name']}&wait=0"), 403)
        problem(bob.http.get(f"/connect/{room['id']}"), 403)
        problem(bob.http.get(f"/message/{message}"), 404)
        for reference in (room["id"], room["name"]):
            problem(bob.http.post(f"/room/{reference}/messages", json={"text": "let me in"}), 403)


def test_one_reads_what_was_said_since_one_joined(alice: Person, bob: Person, room: dict[str, Any]) -> None:
    before = alice.post(room["id"], "before bob")["id"]
    join(bob, room)
    after = alice.post(room["id"], "to bob")["id"]
    alice.post(room["id"], "last")
    for read in everything_read(bob, room["id"]):
        assert read == ["to bob", "last"]
    problem(bob.http.get(f"/message/{before}"), 404)
    assert bob.http.get(f"/message/{after}").json()["text"] == "to bob"
    assert alice.history(room["id"]) == ["before bob", "to bob", "last"]


def test_who_comes_back_reads_nothing_of_the_time_between(alice: Person, bob: Person, room: dict[str, Any]) -> None:
    join(bob, room)
    alice.post(room["id"], "first")
    with bob.stream_room(room["id"]) as stream:
        leave(bob, room)
        assert [frame.json()["reason"] for frame in stream.until_closed() if frame.event == "end"] == ["left"]
    alice.post(room["id"], "without bob")
    problem(bob.http.get(f"/room/{room['id']}/messages"), 403)
    join(bob, room)
    alice.post(room["id"], "last")
    for read in everything_read(bob, room["id"]):
        assert read == ["last"]


def test_a_stream_of_everything_takes_up_the_room_from_the_joining_on(alice: Person, bob: Person, room: dict[str, Any]) -> None:
    alice.post(room["id"], "before bob")
    with bob.stream("/subscribe", 0) as stream:
        join(bob, room)
        alice.post(room["id"], "last")
        assert stream.messages_until("last") == ["last"]


def test_other_rooms_are_read_from_their_beginning(alice: Person, bob: Person, room: dict[str, Any]) -> None:
    lasting = alice.create_room()["id"]
    alice.post(lasting, "old news")
    alice.post(room["id"], "before bob")
    join(bob, room)
    bob.http.post(f"/room/{lasting}/members")
    alice.post(room["id"], "last")
    with bob.stream("/subscribe", 0) as stream:
        assert stream.messages_until("last") == ["old news", "last"]
