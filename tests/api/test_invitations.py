"""A closed room admits users with its invite key, and is a 404 for everybody else."""

import base64
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.harness.people import Person, unique
from tests.harness.responses import content_but_id, problem
from tests.harness.server import Server
from tests.harness.tables import execute, nothing_stored

CROWD = 12
PLACES = 4


def enter(person: Person, room: int | str, key: str | None) -> Any:
    return person.http.post(f"/room/{room}/members", json={} if key is None else {"invite_key": key})


# Refused


def test_nobody_comes_in_without_the_key(server: Server, alice: Person, bob: Person) -> None:
    room, other = alice.create_room(kind="closed"), alice.create_room(kind="closed")
    with nothing_stored(server.database_url):
        for key in (None, "", "wrong", f"{room['id']}-", f"{room['id']}-wrong", other["invite_key"], room["invite_key"][:-1]):
            problem(enter(bob, room["id"], key), 404)
        problem(bob.http.post(f"/room/{room['id']}/members"), 404)
        problem(enter(bob, room["name"], room["invite_key"]), 404)  # only members know the name


def test_a_wrong_key_a_full_room_and_one_that_is_gone_answer_alike(alice: Person, bob: Person) -> None:
    closed, full, gone = (alice.create_room(kind="closed", max_members=1) for _ in range(3))
    assert alice.http.delete(f"/room/{gone['id']}").status_code == 204
    answers = [
        enter(bob, closed["id"], "wrong"),
        enter(bob, full["id"], "wrong"),
        enter(bob, gone["id"], "wrong"),
        enter(bob, gone["id"], gone["invite_key"]),
        enter(bob, 999999999999, "wrong"),
    ]
    assert {(answer.status_code, content_but_id(answer)) for answer in answers} == {(404, content_but_id(answers[0]))}


def test_a_key_ends_at_the_hour_of_its_room(server: Server, alice: Person, bob: Person) -> None:
    """Also before any worker has written the end."""
    room = alice.create_room(kind="closed", expires_in=1)
    execute(server.database_url, "UPDATE rooms SET expires_at = now() WHERE id = :id", {"id": room["id"]})
    problem(enter(bob, room["id"], room["invite_key"]), 404)
    problem(enter(alice, room["id"], None), 410)


def test_a_new_key_ends_the_old_one(alice: Person, bob: Person) -> None:
    room = alice.create_room(kind="closed")
    new = alice.http.post(f"/room/{room['id']}/invite")
    assert new.status_code == 201
    problem(enter(bob, room["id"], room["invite_key"]), 404)
    assert enter(bob, room["id"], new.json()["invite_key"]).status_code == 204


def test_only_the_owner_makes_keys(server: Server, alice: Person, bob: Person) -> None:
    room, lobby = alice.create_room(kind="closed"), alice.create_room()
    with nothing_stored(server.database_url):
        problem(bob.http.post(f"/room/{room['id']}/invite"), 404)
        problem(bob.http.post(f"/room/{lobby['id']}/invite"), 403)
        problem(alice.http.post(f"/room/{lobby['id']}/invite"), 400, "room")
    enter(bob, room["id"], room["invite_key"])
    problem(bob.http.post(f"/room/{room['id']}/invite"), 403)


def test_whom_the_owner_banned_the_key_does_not_let_in(alice: Person, bob: Person) -> None:
    room = alice.create_room(kind="closed")
    assert alice.http.put(f"/room/{room['id']}/bans/{bob.name}").status_code == 204
    problem(enter(bob, room["id"], room["invite_key"]), 404)
    assert alice.http.delete(f"/room/{room['id']}/bans/{bob.id}").status_code == 204
    assert enter(bob, room["id"], room["invite_key"]).status_code == 204


def test_the_key_is_shown_once_and_kept_as_a_hash(server: Server, alice: Person, bob: Person) -> None:
    room = alice.create_room(kind="closed")
    key: str = room["invite_key"]
    number, _, secret = key.partition("-")
    assert number == str(room["id"])
    assert len(base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))) * 8 >= 128
    enter(bob, room["id"], key)
    for person in (alice, bob):
        for path in (f"/room/{room['id']}", "/rooms?limit=500", f"/connect/{room['id']}", f"/room/{room['id']}/members"):
            assert secret not in person.http.get(path).text
    kept = execute(server.database_url, "SELECT i::text FROM invites i WHERE room_id = :id", {"id": room["id"]})
    assert kept and secret not in kept[0][0] and secret.encode().hex() not in kept[0][0]


def test_an_open_room_has_no_key(alice: Person) -> None:
    assert "invite_key" not in alice.create_room()


@pytest.mark.parametrize("key", [7, None, ["x"], "x" * 201])
def test_a_key_is_a_short_text(server: Server, alice: Person, bob: Person, key: object) -> None:
    room = alice.create_room(kind="closed")["id"]
    with nothing_stored(server.database_url):
        problem(bob.http.post(f"/room/{room}/members", json={"invite_key": key}), 400, "invite_key")


# Let in


def test_who_has_the_key_comes_in_and_hears(alice: Person, bob: Person) -> None:
    room = alice.create_room(kind="closed")
    with bob.stream("/subscribe") as stream:
        assert enter(bob, room["id"], room["invite_key"]).status_code == 204
        assert stream.until(lambda frame: frame.event == "join")[-1].json()["user"]["id"] == bob.id
        alice.post(room["id"], "welcome")
        assert stream.next_message()["text"] == "welcome"
    assert bob.history(room["id"]) == ["welcome"]


def test_a_full_room_says_so_to_whoever_may_know(alice: Person, bob: Person) -> None:
    closed, lobby = alice.create_room(kind="closed", max_members=1), alice.create_room(max_members=1)
    problem(enter(bob, closed["id"], closed["invite_key"]), 409)
    problem(enter(bob, lobby["id"], None), 409)
    assert enter(alice, closed["id"], None).status_code == 204  # who is in stays in


@pytest.mark.parametrize("kind", ["open", "closed"])
def test_the_bound_holds_however_many_come_at_once(server: Server, alice: Person, kind: str) -> None:
    room = alice.create_room(kind=kind, max_members=1 + PLACES)
    crowd = [Person.signed_in(server, "guest") for _ in range(CROWD)]
    with ThreadPoolExecutor(CROWD) as at_once:
        answers = list(at_once.map(lambda guest: enter(guest, room["id"], room.get("invite_key")).status_code, crowd))
    assert sorted(answers) == [204] * PLACES + [409] * (CROWD - PLACES)
    members = alice.http.get(f"/room/{room['id']}/members").json()
    assert {member["user"]["id"] for member in members} == {alice.id} | {
        guest.id for guest, status in zip(crowd, answers, strict=True) if status == 204
    }
    for guest in crowd:
        guest.close()


def test_a_place_that_becomes_free_is_taken(alice: Person, bob: Person) -> None:
    room = alice.create_room(max_members=1)
    problem(enter(bob, room["id"], None), 409)
    assert alice.http.delete(f"/room/{room['id']}/members/me").status_code == 204
    assert enter(bob, room["id"], None).status_code == 204
    problem(enter(alice, room["id"], None), 409)


def test_two_keys_are_never_the_same(alice: Person) -> None:
    room = alice.create_room(kind="closed", name=unique("keys"))
    keys = {room["invite_key"], *(alice.http.post(f"/room/{room['id']}/invite").json()["invite_key"] for _ in range(5))}
    assert len(keys) == 6
