"""Read markers: how far a user has read a room, on all devices. They only move forward, and never past the room's end."""

from typing import Any

import pytest

from chat.embedded import Valkey
from tests.harness.deadline import eventually
from tests.harness.people import Person
from tests.harness.responses import at_both_bases, problem
from tests.harness.server import Server
from tests.harness.signals import mark_read, next_signal, room_ref, signals_until
from tests.harness.streams import EventStream, opened
from tests.harness.tables import execute
from tests.harness.workers import on_each_worker, request_each_worker


@pytest.fixture
def room(alice: Person, bob: Person) -> dict[str, Any]:
    """Of alice, with bob."""
    made = alice.create_room()
    assert bob.http.post(f"/room/{made['id']}/members").status_code == 204
    return made


def seen(person: Person, room: dict[str, Any]) -> Any:
    return person.http.get(f"/room/{room['id']}").json()


@at_both_bases
@pytest.mark.parametrize("body", [{}, {"id": "17"}, {"id": -1}, {"id": 1.5}, {"id": None}, {"id": 2**63}, {"id": 1, "room": 2}])
def test_what_is_no_id_is_refused(alice: Person, base: str, body: object) -> None:
    room = alice.create_room()["id"]
    problem(alice.http.put(f"{base}/room/{room}/read", json=body), 400, "room" if "room" in str(body) else "id")


def test_who_does_not_read_a_room_marks_nothing(server: Server, alice: Person, bob: Person) -> None:
    closed = alice.create_room(kind="closed")
    fleeting = alice.create_room(expires="when_empty")
    direct = alice.write_to(alice_friend(server), "psst")["room"]
    for hidden in (closed["id"], direct["id"], "nowhere"):
        problem(bob.http.put(f"/room/{hidden}/read", json={"id": 1}), 404)
    problem(bob.http.put(f"/room/{fleeting['id']}/read", json={"id": 1}), 403)
    assert alice.http.delete(f"/room/{fleeting['id']}").status_code == 204
    problem(alice.http.put(f"/room/{fleeting['id']}/read", json={"id": 1}), 410)
    assert execute(server.database_url, "SELECT FROM read_markers WHERE user_id = :bob", {"bob": bob.id}) == []


def alice_friend(server: Server) -> str:
    with Person.signed_in(server, "carol") as carol:
        return carol.name


def test_who_has_not_joined_an_open_room_keeps_no_place_in_it(alice: Person, bob: Person) -> None:
    room = alice.create_room()
    posted = alice.post(room["id"], "hi")["id"]
    problem(bob.http.put(f"/room/{room['id']}/read", json={"id": posted}), 403)
    assert (seen(bob, room)["joined"], seen(bob, room)["read"]) == (False, None)


def test_a_member_has_read_up_to_joining(alice: Person, bob: Person) -> None:
    room = alice.create_room()
    before = alice.post(room["id"], "before")["id"]
    assert bob.http.post(f"/room/{room['id']}/members").status_code == 204
    assert seen(bob, room)["joined"] and seen(bob, room)["read"] == before + 1


def test_a_marker_moves_forward_and_never_back(alice: Person, bob: Person, room: dict[str, Any]) -> None:
    first, second, _ = [alice.post(room["id"], text)["id"] for text in ("one", "two", "three")]
    for upto, stands in ((first, first), (second, second), (first, second), (0, second)):
        mark_read(bob, room["id"], upto)
        assert seen(bob, room)["read"] == stands


def test_a_marker_does_not_go_beyond_the_newest_event(alice: Person, bob: Person, room: dict[str, Any]) -> None:
    newest = alice.post(room["id"], "newest")["id"]
    mark_read(bob, room["id"], 2**63 - 1)
    assert seen(bob, room)["read"] == newest
    alice.post(room["id"], "newer")
    assert seen(bob, room)["unread"] == 1


def test_who_leaves_and_comes_back_has_read_what_was_said_meanwhile(alice: Person, bob: Person, room: dict[str, Any]) -> None:
    mark_read(bob, room["id"], alice.post(room["id"], "read")["id"])
    assert bob.http.delete(f"/room/{room['id']}/members/me").status_code == 204
    assert (seen(bob, room)["read"], seen(bob, room)["unread"]) == (None, 0)
    missed = alice.post(room["id"], "missed")["id"]
    assert bob.http.post(f"/room/{room['id']}/members").status_code == 204
    assert (seen(bob, room)["read"], seen(bob, room)["unread"]) == (missed + 1, 0)


def test_markers_at_once_end_at_the_furthest(server: Server, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    ids = [alice.post(room["id"], "hi")["id"] for _ in range(2)]
    for upto in ids[::-1]:
        answers = request_each_worker(server, bob, "PUT", f"/room/{room['id']}/read", json={"id": upto})
        assert [answer.status_code for answer in answers] == [204] * server.workers
    assert seen(bob, room)["read"] == ids[1]


def test_other_devices_hear_it_and_other_people_do_not(server: Server, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    first, second = (alice.post(room["id"], f"hi @{bob.name}")["id"] for _ in range(2))
    hers = opened(alice.stream("/subscribe"))
    for path in ("/subscribe", f"/room/{room['id']}/subscribe"):
        assert alice.http.get(f"/room/{room['id']}").status_code == 200
        with bob.sign_in_again() as phone:

            def open_stream(phone: Person = phone, path: str = path) -> EventStream:
                return opened(phone.stream(path))

            streams = on_each_worker(server, open_stream)
            mark_read(bob, room["id"], first)
            heard = {"room": room_ref(room), "read": first, "unread": 1, "mentions": 1}
            assert [next_signal(stream, "read") for stream in streams] == [heard] * server.workers
            first, second = second, alice.post(room["id"], f"@{bob.name.upper()}")["id"]
    mark_read(alice, room["id"], second)
    assert signals_until(hers, "read", own := {"room": room_ref(room), "read": second, "unread": 0, "mentions": 0}) == [own]


def test_what_changes_nothing_is_not_said_again(alice: Person, bob: Person, room: dict[str, Any]) -> None:
    first, second = (alice.post(room["id"], "hi")["id"] for _ in range(2))
    with opened(bob.stream("/subscribe")) as his:
        for upto in (first, first, 0, second):
            mark_read(bob, room["id"], upto)
        said = [{"room": room_ref(room), "read": upto, "unread": unread, "mentions": 0} for upto, unread in ((first, 1), (second, 0))]
        assert signals_until(his, "read", said[-1]) == said


@pytest.mark.parametrize("path", ["/subscribe", "/room/{room}/subscribe"])
def test_a_conversation_is_marked_by_its_room(alice: Person, bob: Person, path: str) -> None:
    written = alice.write_to(bob.name, "hi")
    direct = written["room"]
    with opened(bob.stream(path.format(room=direct["id"]))) as his:
        assert (seen(bob, direct)["read"], seen(bob, direct)["unread"]) == (0, 1)
        mark_read(bob, direct["id"], written["id"])
        assert next_signal(his, "read") == {"room": direct, "read": written["id"], "unread": 0, "mentions": 0}
    assert (seen(bob, direct)["read"], seen(bob, direct)["unread"]) == (written["id"], 0)
    assert seen(alice, direct)["read"] == 0


def test_a_purged_room_takes_its_markers_along(server: Server, alice: Person) -> None:
    room = alice.create_room()
    mark_read(alice, room["id"], alice.post(room["id"], "gone soon")["id"])
    markers = "SELECT upto FROM read_markers WHERE room_id = :room"
    mark_read(alice, room["id"], 2**62)
    assert execute(server.database_url, markers, {"room": room["id"]})
    assert alice.http.delete(f"/room/{room['id']}").status_code == 204
    eventually(lambda: not execute(server.database_url, markers, {"room": room["id"]}), 40.0)
    purged = "SELECT purged_at FROM rooms WHERE id = :room AND purged_at IS NOT NULL"
    eventually(lambda: execute(server.database_url, purged, {"room": room["id"]}))


def test_without_redis_markers_are_kept(mended_server: Server, mended_valkey: Valkey, dora: Person) -> None:
    room = dora.create_room()
    posted = dora.post(room["id"], "hi")["id"]
    mended_valkey.stop()
    mark_read(dora, room["id"], posted)
    assert seen(dora, room)["read"] == posted
