"""Creating and changing rooms: a refused change stores nothing, an accepted one is an event for every member."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.harness.people import Person, unique
from tests.harness.responses import problem
from tests.harness.server import Server
from tests.harness.tables import execute, nothing_stored


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "direct"),
        ("kind", "secret"),
        ("topic", "x" * 251),
        ("topic", "two\nlines"),
        ("topic", 7),
        ("max_members", 0),
        ("max_members", -1),
        ("max_members", 10**9),
        ("max_members", "5"),
        ("max_members", 1.5),
        ("expires_in", 0),
        ("expires_in", -1),
        ("expires_in", 24.01),
        ("expires_in", 1e308),
        ("expires_in", "soon"),
        ("expires", "never"),
        ("expires", "at"),
        ("invite_key", "mine"),
    ],
)
def test_a_room_is_not_made_of_what_is_wrong(server: Server, alice: Person, field: str, value: object) -> None:
    with nothing_stored(server.database_url):
        problem(alice.http.post("/rooms", json={"name": unique("room"), field: value}), 400, field)


def test_a_room_ends_in_one_way(server: Server, alice: Person) -> None:
    with nothing_stored(server.database_url):
        problem(alice.http.post("/rooms", json={"name": unique("room"), "expires_in": 1, "expires": "when_empty"}), 400, "expires")


def test_a_made_room_says_how_it_was_made(alice: Person) -> None:
    room = alice.create_room(kind="closed", topic="Ünits", max_members=3, expires_in=1.5)
    assert (room["kind"], room["topic"], room["max_members"], room["expires"]) == ("closed", "Ünits", 3, "at")
    assert room["owner"]["id"] == alice.id
    assert room["subscribe_url"].endswith(f"/api/v1/room/{room['id']}/subscribe")
    until = datetime.fromisoformat(room["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=85) < until < timedelta(minutes=95)
    assert alice.create_room(expires="when_empty")["expires_at"] is None


# Refused


def change(person: Person, room: int, **fields: object) -> Any:
    return person.http.patch(f"/room/{room}", json=fields)


def test_only_the_owner_changes_and_ends_a_room(server: Server, alice: Person, bob: Person) -> None:
    room, closed = alice.create_room()["id"], alice.create_room(kind="closed")["id"]
    with nothing_stored(server.database_url):
        problem(change(bob, room, topic="mine"), 403)
        problem(bob.http.delete(f"/room/{room}"), 403)
        problem(change(bob, closed, topic="mine"), 404)
        problem(bob.http.delete(f"/room/{closed}"), 404)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "body"),
        ({"kind": "closed"}, "kind"),
        ({"name": ""}, "name"),
        ({"name": "123"}, "name"),
        ({"topic": "a\x00b"}, "topic"),
        ({"max_members": 1}, "max_members"),
        ({"expires_in": 1}, "expires_in"),
    ],
)
def test_a_change_that_is_wrong_changes_nothing(server: Server, alice: Person, bob: Person, fields: dict[str, Any], field: str) -> None:
    room = alice.create_room()["id"]
    bob.http.post(f"/room/{room}/members")
    with nothing_stored(server.database_url):
        problem(change(alice, room, **fields), 400, field)


def test_a_name_that_is_taken_stays_taken(server: Server, alice: Person) -> None:
    room, other = alice.create_room()["id"], alice.create_room()["name"]
    with nothing_stored(server.database_url):
        problem(change(alice, room, name=other.upper()), 409, "name")


def test_a_room_ends_within_a_day_of_its_making(server: Server, alice: Person) -> None:
    room = alice.create_room(expires_in=1)["id"]
    execute(server.database_url, "UPDATE rooms SET created_at = created_at - interval '20 hours' WHERE id = :id", {"id": room})
    problem(change(alice, room, expires_in=5), 400, "expires_in")
    assert change(alice, room, expires_in=3).status_code == 200


# Changed


def test_a_change_is_seen_by_everybody(alice: Person, bob: Person) -> None:
    room = alice.create_room()
    with bob.stream_room(room["id"]) as stream:
        name = unique("renamed")
        changed = change(alice, room["id"], name=name, topic="new", max_members=9)
        assert changed.status_code == 200
        assert (changed.json()["name"], changed.json()["topic"], changed.json()["max_members"]) == (name, "new", 9)
        event = stream.until(lambda frame: frame.event == "room_changed")[-1].json()
        assert (event["room"]["name"], event["topic"], event["max_members"]) == (name, "new", 9)
    assert bob.http.get(f"/room/{name}").json()["id"] == room["id"]
    problem(bob.http.get(f"/room/{room['name']}"), 404)


def test_what_is_not_named_stays(alice: Person) -> None:
    room = alice.create_room(topic="old", max_members=5)
    assert change(alice, room["id"], topic="new").json()["max_members"] == 5
    assert change(alice, room["id"], max_members=None).json()["topic"] == "new"
    assert alice.http.get(f"/room/{room['id']}").json()["max_members"] is None


@pytest.mark.parametrize("hours", [0.5, 20])
def test_the_end_moves_nearer_and_later(alice: Person, hours: float) -> None:
    room = alice.create_room(expires_in=2)
    moved = datetime.fromisoformat(change(alice, room["id"], expires_in=hours).json()["expires_at"])
    assert abs((moved - datetime.now(UTC)).total_seconds() - hours * 3600) < 300


def test_connecting_tells_all_that_a_client_needs(alice: Person, bob: Person) -> None:
    room = alice.create_room()
    told = bob.http.get(f"/connect/{room['name']}").json()
    assert told["room"]["id"] == room["id"]
    assert told["transports"] == ["sse", "long-poll"]
    message = alice.post(room["id"], "after you asked")
    polled = bob.http.get(told["subscribe_url"], params={"after": told["cursor"]}).json()
    assert [event["id"] for event in polled["events"]] == [message["id"]]
