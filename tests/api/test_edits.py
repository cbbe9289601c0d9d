"""Editing a message: only its sender may, while they may read the room. Every reader of the message gets the event, and nobody else."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness.databases import Databases
from tests.harness.find_text import in_database
from tests.harness.keyspaces import Keyspaces
from tests.harness.message_changes import applied, delete, done, edit, edited, of_history, shown
from tests.harness.operator import Operator
from tests.harness.people import Person
from tests.harness.responses import at_both_bases, is_utc, problem
from tests.harness.rooms import join
from tests.harness.server import Server
from tests.harness.tables import execute, nothing_stored
from tests.harness.uploads import uploaded
from tests.harness.workers import request_each_worker

SHORT_TAIL = "tests.harness.short_tail_wsgi:app"


def closed_room(alice: Person, bob: Person) -> int:
    """One of alice's that bob is in."""
    made = alice.create_room(kind="closed")
    join(bob, made["id"], invite_key=made["invite_key"])
    room: int = made["id"]
    return room


# Refused


def test_anothers_message(server: Server, alice: Person, bob: Person, room: int) -> None:
    message = alice.post(room, "hers")["id"]
    with nothing_stored(server.database_url):
        assert problem(edit(bob, message, "his"), 403)["type"].endswith("not-yours")
    assert shown(bob, message)["text"] == "hers"


def test_the_owner_of_the_room_does_not_write_in_anothers_name(server: Server, alice: Person, bob: Person, room: int) -> None:
    message = bob.post(room, "his")["id"]
    with nothing_stored(server.database_url):
        problem(edit(alice, message, "hers"), 403)


def test_a_message_of_a_closed_room_that_one_may_not_know_of(server: Server, alice: Person, bob: Person) -> None:
    message = alice.post(alice.create_room(kind="closed")["id"], "secret")["id"]
    with nothing_stored(server.database_url):
        problem(edit(bob, message, "mine"), 404)


def test_a_direct_message_of_others(server: Server, alice: Person, bob: Person) -> None:
    message = alice.write_to(bob.id, "psst")["id"]
    with Person.signed_in(server, "carol") as carol, nothing_stored(server.database_url):
        problem(edit(carol, message, "mine"), 404)
        problem(edit(bob, message, "mine"), 403)


def test_ones_own_message_after_leaving_a_closed_room(server: Server, alice: Person, bob: Person) -> None:
    room = closed_room(alice, bob)
    message = bob.post(room, "his")["id"]
    assert bob.http.delete(f"/room/{room}/members/me").status_code == 204
    with nothing_stored(server.database_url):
        problem(edit(bob, message, "changed"), 404)
    assert shown(alice, message)["text"] == "his"


def test_ones_own_message_in_a_room_that_banned_one(server: Server, alice: Person, bob: Person, room: int) -> None:
    message = bob.post(room, "his")["id"]
    assert alice.http.put(f"/room/{room}/bans/{bob.id}").status_code == 204
    with nothing_stored(server.database_url):
        problem(edit(bob, message, "changed"), 404)


def test_a_message_of_a_room_that_has_ended(server: Server, alice: Person, room: int) -> None:
    message = alice.post(room, "hers")["id"]
    execute(server.database_url, "UPDATE rooms SET ended_at = now(), purged_at = now() WHERE id = :room", {"room": room})
    problem(edit(alice, message, "changed"), 410)


def test_a_message_from_before_one_joined_an_ephemeral_room(server: Server, alice: Person, bob: Person) -> None:
    room = alice.create_room(expires_in=1)["id"]
    join(bob, room)
    message = bob.post(room, "before he left")["id"]
    assert bob.http.delete(f"/room/{room}/members/me").status_code == 204
    join(bob, room)
    with nothing_stored(server.database_url):
        problem(edit(bob, message, "changed"), 404)


def test_a_deleted_message(server: Server, alice: Person, room: int) -> None:
    message = alice.post(room, "hers")["id"]
    done(delete(alice, message))
    with nothing_stored(server.database_url):
        problem(edit(alice, message, "again"), 404)


@pytest.mark.parametrize("nothing", ["0", "999999999999", "9" * 30, "lobby", "1.5", "-1"])
@at_both_bases
def test_what_is_no_message(server: Server, alice: Person, base: str, nothing: str) -> None:
    with nothing_stored(server.database_url):
        problem(alice.http.patch(f"{base}/message/{nothing}", json={"text": "hi"}), 404)


def test_an_event_that_is_no_message(server: Server, alice: Person, bob: Person, room: int) -> None:
    join(bob, room)
    joined = execute(server.database_url, "SELECT max(id) FROM events WHERE kind = 'join' AND sender_id = :bob", {"bob": bob.id})[0][0]
    with nothing_stored(server.database_url):
        problem(edit(bob, joined, "I did not join"), 404)


def test_an_announcement_is_nobodys(server: Server, alice: Person, room: int) -> None:
    Operator(server).call("POST", "/announcements", {"text": "we restart at nine", "rooms": [str(room)]})
    announced = alice.http.get(f"/room/{room}/messages").json()["messages"][-1]
    with nothing_stored(server.database_url):
        problem(edit(alice, announced["id"], "we do not"), 403)


@pytest.mark.parametrize("text", ["", "  \n", "a\0b", "x" * (16 * 1024 + 1), None, 7])
def test_a_text_that_no_message_may_have(server: Server, alice: Person, room: int, text: object) -> None:
    message = alice.post(room, "hers")["id"]
    with nothing_stored(server.database_url):
        problem(edit(alice, message, text), 400, "text")


@pytest.mark.parametrize("body", [{}, {"text": "hi", "kind": "file"}, {"text": "hi", "sender": 1}])
def test_more_than_the_text_or_less(server: Server, alice: Person, room: int, body: dict[str, Any]) -> None:
    message = alice.post(room, "hers")["id"]
    with nothing_stored(server.database_url):
        problem(alice.http.patch(f"/message/{message}", json=body), 400)


def test_one_who_is_not_signed_in(server: Server, alice: Person, room: int) -> None:
    message = alice.post(room, "hers")["id"]
    with alice.sign_in_again() as elsewhere:
        elsewhere.sign_out()
        with nothing_stored(server.database_url):
            for answer in request_each_worker(server, elsewhere, "PATCH", f"/message/{message}", {"text": "changed"}):
                problem(answer, 401)


# Not told


def test_nobody_who_may_not_read_the_message_hears_of_its_edit(server: Server, alice: Person, bob: Person, room: int) -> None:
    with Person.signed_in(server, "carol") as carol:
        private, direct = closed_room(alice, bob), alice.write_to(bob.id, "psst")["id"]
        said = alice.post(private, "among us")["id"]
        with carol.stream("/subscribe", room=room) as hers, carol.stream("/messages/subscribe") as inbox:
            edited(alice, said, "still among us")
            edited(alice, direct, "psst, you")
            alice.post(room, "to all")
            alice.write_to(carol.id, "to carol")
            told = {frame.event for frame in hers.until(lambda frame: "to carol" in str(frame))}
            assert told <= {None, "message", "heartbeat", "join", "presence"}
            assert inbox.messages_until("to carol") == ["to carol"]
            assert b"among us" not in hers.body + inbox.body and b"psst" not in hers.body + inbox.body


def test_who_left_hears_of_no_edit(alice: Person, bob: Person) -> None:
    room, lobby = closed_room(alice, bob), alice.create_room()["id"]
    message = alice.post(room, "among us")["id"]
    with bob.stream("/subscribe", room=lobby) as stream:
        assert bob.http.delete(f"/room/{room}/members/me").status_code == 204
        edited(alice, message, "without bob")
        alice.post(lobby, "to all")
        stream.messages_until("to all")
        assert b"without bob" not in stream.body


@pytest.mark.parametrize("path", ["/subscribe", "/room/{room}/subscribe"])
def test_who_joined_an_ephemeral_room_later_hears_nothing_of_what_was_said_before(
    server: Server, alice: Person, bob: Person, path: str
) -> None:
    room = alice.create_room(expires_in=1)["id"]
    before = alice.post(room, "before bob")["id"]
    with bob.stream("/subscribe") as everything:
        everything.until(lambda frame: frame.id is not None)
        join(bob, room)
        after = alice.post(room, "to bob")["id"]
        with bob.stream(path.format(room=room)) as stream, alice.stream_room(room) as hers:
            edited(alice, before, "unheard of")
            edited(alice, after, "to you")
            for heard in (everything, stream):
                frames = heard.until(lambda frame: frame.event == "edited")
                assert frames[-1].json()["message"]["text"] == "to you"
                assert b"unheard of" not in heard.body
            assert hers.until(lambda frame: frame.event == "edited")[-1].json()["message"]["text"] == "unheard of"
        for answer in request_each_worker(server, bob, "GET", f"{path.format(room=room)}?after=0&wait=0"):
            assert "to you" in answer.text and "unheard of" not in answer.text


# Granted


@at_both_bases
def test_an_edited_message_says_so_everywhere(server: Server, alice: Person, bob: Person, room: int, base: str) -> None:
    posted = alice.post(room, "helo")
    assert shown(bob, posted["id"]) == posted | {"reply_to": None, "edited_at": None, "deleted_at": None, "reactions": []}
    answer = alice.http.patch(f"{base}/message/{posted['id']}", json={"text": "hello"})
    assert answer.status_code == 200
    message = answer.json()
    assert is_utc(message["edited_at"]) and message["edited_at"] >= message["created_at"]
    assert message == shown(bob, posted["id"]) == {**shown(alice, posted["id"]), "text": "hello", "deleted_at": None}
    assert bob.http.get(f"{base}/room/{room}/messages").json()["messages"] == [message]


def test_what_it_said_before_is_kept_nowhere_in_the_record(server: Server, alice: Person, room: int) -> None:
    message = alice.post(room, "what-nobody-shall-read-again")["id"]
    assert in_database(server.database_url, "what-nobody-shall-read-again")
    edited(alice, message, "better")
    assert in_database(server.database_url, "what-nobody-shall-read-again") == set()


def test_everybody_there_is_told_on_both_transports(server: Server, alice: Person, bob: Person, room: int) -> None:
    message = alice.post(room, "helo")["id"]
    cursor = bob.poll("/subscribe", room=room)["cursor"]
    with bob.stream_room(room) as stream, bob.stream("/subscribe", room=room) as everything:
        stream.until(lambda frame: frame.id is not None)
        everything.until(lambda frame: frame.id is not None)
        edited(alice, message, "hello")
        told = [one.until(lambda frame: frame.event == "edited")[-1] for one in (stream, everything)]
    (polled,) = [event for event in bob.poll(f"/room/{room}/subscribe", after=cursor)["events"] if event["kind"] == "edited"]
    assert [frame.json() for frame in told] == [polled, polled]
    assert told[0].id == polled["id"] > message
    assert polled == {
        "id": polled["id"],
        "kind": "edited",
        "room": {"id": room, "name": polled["room"]["name"], "kind": "open"},
        "message": {"id": message, "text": "hello", "edited_at": shown(bob, message)["edited_at"]},
        "user": {"id": alice.id, "name": alice.name},
        "created_at": polled["created_at"],
    }


def test_the_two_of_a_conversation_are_told_and_the_inbox_of_one(alice: Person, bob: Person) -> None:
    message = alice.write_to(bob.id, "helo")["id"]
    with alice.stream("/subscribe") as hers, bob.stream("/subscribe") as his, bob.stream("/messages/subscribe") as inbox:
        edited(alice, message, "hello")
        for stream in (hers, his, inbox):
            assert stream.until(lambda frame: frame.event == "edited")[-1].json()["message"]["text"] == "hello"
    assert [one["kind"] for one in bob.poll("/messages/subscribe", after=message - 1, wait=0)["events"]] == ["message", "edited"]
    assert bob.http.get("/messages").json()["messages"][-1]["text"] == "hello"


def test_the_same_text_again_is_no_edit(server: Server, alice: Person, room: int) -> None:
    message = alice.post(room, "hello")["id"]
    with nothing_stored(server.database_url):
        assert edited(alice, message, "hello")["edited_at"] is None


def test_what_came_with_a_file_may_be_taken_away(alice: Person, room: int) -> None:
    message = uploaded(alice, f"/room/{room}", b"bytes", text="look")
    assert edited(alice, message["id"], "")["text"] == ""
    assert shown(alice, message["id"])["file"] == message["file"]
    assert edited(alice, message["id"], "look again")["text"] == "look again"


def test_a_room_counts_the_bytes_that_are_there(alice: Person, room: int) -> None:
    message = alice.post(room, "hello")["id"]
    edited(alice, message, "grüße")
    found = alice.http.get(f"/room/{room}").json()
    assert (found["messages"], found["bytes"]) == (1, len("grüße".encode()))


def test_a_post_that_is_sent_again_after_its_edit_posts_nothing(server: Server, alice: Person, room: int) -> None:
    message = alice.post(room, "helo", key="once")["id"]
    edited(alice, message, "hello")
    other = alice.create_room()["id"]
    with nothing_stored(server.database_url):
        again = alice.http.post(f"/room/{room}/messages", json={"text": "helo"}, headers={"Idempotency-Key": "once"})
        assert (again.status_code, again.json()["id"], again.json()["text"]) == (200, message, "hello")
        problem(alice.http.post(f"/room/{other}/messages", json={"text": "helo"}, headers={"Idempotency-Key": "once"}), 422)


# Resumed


@pytest.fixture(scope="module")
def forgetful(databases: Databases, keyspaces: Keyspaces) -> Iterator[Server]:
    """Two workers with a tail of 40 events: a resume reads history, then the tail."""
    url, redis_url = databases.clone(), keyspaces.take()
    with Server(url, redis_url, wsgi=SHORT_TAIL) as running:
        yield running
    keyspaces.give_back(redis_url)
    databases.drop(url)


def test_whoever_resumes_knows_in_the_end_what_history_knows(forgetful: Server) -> None:
    """From every cursor, on every worker, by stream and by long poll."""
    with Person.signed_in(forgetful, "alice") as alice, Person.signed_in(forgetful, "bob") as bob:
        room = alice.create_room()["id"]
        said = [alice.post(room, f"message {number}")["id"] for number in range(8)]
        for number, message in enumerate(said):
            edited(alice, message, f"edited {number}")
            bob.post(room, f"between {number}")
            if number % 3 == 0:
                edited(alice, message, f"edited again {number}")
            if number % 4 == 1:
                done(delete(alice, message))
        for number in range(30):
            bob.post(room, f"after {number}")
        edited(alice, said[2], "and once more")
        last = bob.post(room, "last")["id"]
        truth = of_history(bob, room)
        told = bob.poll(f"/room/{room}/subscribe", after=0, wait=0)["events"]
        for cursor in range(said[0] - 1, last):
            known = _before(told, cursor)
            for events in _resumed(forgetful, bob, room, cursor, last):
                assert applied(events, known) == truth, cursor


def _before(told: list[dict[str, Any]], cursor: int) -> dict[int, dict[str, Any]]:
    return applied(event for event in told if event["id"] <= cursor)


def _resumed(server: Server, bob: Person, room: int, cursor: int, last: int) -> Iterator[list[dict[str, Any]]]:
    polled: list[dict[str, Any]] = []
    reached = cursor
    while reached < last:
        answer = bob.poll(f"/room/{room}/subscribe", after=reached, wait=0)
        polled += answer["events"]
        reached = answer["cursor"]
    yield polled
    with bob.stream_room(room, cursor) as stream:
        frames = stream.until(lambda frame: (frame.id or 0) >= last)
    streamed = [frame.json() for frame in frames if frame.id and frame.event not in (None, "heartbeat")]
    assert [event["id"] for event in streamed] == [event["id"] for event in polled]
    yield streamed
