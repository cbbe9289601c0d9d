"""Replies: the quoted message is of the same room, and the quote has its current text."""

import pytest

from chat.domain.validation import LARGEST_ID
from tests.harness.message_changes import delete, done, edited, shown
from tests.harness.operator import Operator
from tests.harness.people import Person
from tests.harness.responses import at_both_bases, bare, problem
from tests.harness.server import Server
from tests.harness.tables import execute, nothing_stored
from tests.harness.uploads import uploaded


def reply(person: Person, room: int | str, message: object, text: str = "yes", key: str | None = None) -> dict[str, object]:
    answer = person.http.post(
        f"/room/{room}/messages", json={"text": text, "reply_to": message}, headers={"Idempotency-Key": key} if key else {}
    )
    assert answer.status_code in (200, 201), answer.text
    said: dict[str, object] = answer.json()
    return said


# Refused


@pytest.mark.parametrize("nothing", [0, -1, 999999999, LARGEST_ID, LARGEST_ID + 1, 10**30, "lobby", 1.5, True])
@at_both_bases
def test_an_answer_to_nothing(server: Server, alice: Person, room: int, base: str, nothing: object) -> None:
    with nothing_stored(server.database_url):
        problem(alice.http.post(f"{base}/room/{room}/messages", json={"text": "yes", "reply_to": nothing}), 400, "reply_to")


def test_an_answer_to_what_was_said_elsewhere(server: Server, alice: Person, bob: Person, room: int) -> None:
    elsewhere = [
        alice.post(alice.create_room()["id"], "elsewhere")["id"],
        alice.post(alice.create_room(kind="closed")["id"], "secret")["id"],
        alice.write_to(bob.id, "psst")["id"],
    ]
    with nothing_stored(server.database_url):
        for message in elsewhere:
            for person in (alice, bob):
                problem(person.http.post(f"/room/{room}/messages", json={"text": "yes", "reply_to": message}), 400, "reply_to")


def test_an_answer_to_an_event_that_is_no_message(server: Server, alice: Person, room: int) -> None:
    joined = execute(server.database_url, "SELECT id FROM events WHERE room_id = :room", {"room": room})[0][0]
    with nothing_stored(server.database_url):
        problem(alice.http.post(f"/room/{room}/messages", json={"text": "yes", "reply_to": joined}), 400, "reply_to")


def test_an_answer_in_a_room_that_one_may_not_know_of(server: Server, alice: Person, bob: Person) -> None:
    closed = alice.create_room(kind="closed")["id"]
    message = alice.post(closed, "secret")["id"]
    with nothing_stored(server.database_url):
        problem(bob.http.post(f"/room/{closed}/messages", json={"text": "yes", "reply_to": message}), 404)


def test_an_answer_to_what_was_said_before_one_joined_an_ephemeral_room(server: Server, alice: Person, bob: Person) -> None:
    ephemeral = alice.create_room(expires_in=1)["id"]
    message = alice.post(ephemeral, "before bob")["id"]
    assert bob.http.post(f"/room/{ephemeral}/members").status_code == 204
    with nothing_stored(server.database_url):
        problem(bob.http.post(f"/room/{ephemeral}/messages", json={"text": "yes", "reply_to": message}), 400, "reply_to")


def test_a_first_message_to_a_person_answers_nothing(server: Server, alice: Person, bob: Person, room: int) -> None:
    message = alice.post(room, "elsewhere")["id"]
    with nothing_stored(server.database_url):
        problem(alice.http.post(f"/user/{bob.id}/messages", json={"text": "yes", "reply_to": message}), 400, "reply_to")


# Granted


@at_both_bases
def test_an_answer_shows_what_it_answers_everywhere(alice: Person, bob: Person, room: int, base: str) -> None:
    message = alice.post(room, "shall we?")["id"]
    quote = {"id": message, "sender": {"id": alice.id, "name": alice.name}, "text": "shall we?"}
    with alice.stream_room(room) as stream:
        answer = bob.http.post(f"{base}/room/{room}/messages", json={"text": "yes", "reply_to": message}).json()
        streamed = stream.next_message()
    assert answer["reply_to"] == quote
    polled = alice.poll(f"/room/{room}/subscribe", after=message, wait=0)["events"]
    assert [answer] * 3 == [streamed, *polled, bare(shown(alice, answer["id"]))]
    assert alice.http.get(f"{base}/room/{room}/messages").json()["messages"][-1]["reply_to"] == quote


def test_an_answer_to_a_person(alice: Person, bob: Person) -> None:
    message = alice.write_to(bob.id, "shall we?")["id"]
    answer = bob.http.post(f"/user/{alice.id}/messages", json={"text": "yes", "reply_to": message}).json()
    assert (answer["reply_to"]["id"], answer["reply_to"]["text"]) == (message, "shall we?")


def test_a_quote_is_of_two_hundred_characters(alice: Person, room: int) -> None:
    text = "🎉" + "x" * 300
    assert reply(alice, room, alice.post(room, text)["id"])["reply_to"]["text"] == text[:200]  # type: ignore[index] # a quote


def test_a_message_without_an_answer_says_nothing_of_one(alice: Person, room: int) -> None:
    assert "reply_to" not in alice.post(room, "hi")
    assert "reply_to" not in reply(alice, room, None)


def test_a_file_and_an_announcement_are_answered_too(server: Server, alice: Person, room: int) -> None:
    file = uploaded(alice, f"/room/{room}", b"bytes")["id"]
    Operator(server).call("POST", "/announcements", {"text": "we restart", "rooms": [str(room)]})
    announced = alice.http.get(f"/room/{room}/messages").json()["messages"][-1]["id"]
    quotes = [reply(alice, room, message)["reply_to"] for message in (file, announced)]
    assert quotes == [
        {"id": file, "sender": {"id": alice.id, "name": alice.name}, "text": ""},
        {"id": announced, "sender": None, "text": "we restart"},
    ]


def test_a_quote_says_what_the_message_says_now(alice: Person, bob: Person, room: int) -> None:
    message = alice.post(room, "helo")["id"]
    answer = reply(bob, room, message)["id"]
    edited(alice, message, "hello")
    assert bob.http.get(f"/message/{answer}").json()["reply_to"]["text"] == "hello"
    done(delete(alice, message))
    assert bob.http.get(f"/message/{answer}").json()["reply_to"] == {
        "id": message,
        "sender": {"id": alice.id, "name": alice.name},
        "text": "",
    }
    assert reply(bob, room, message)["reply_to"]["text"] == ""  # type: ignore[index] # a quote


def test_the_same_answer_twice_is_posted_once(server: Server, alice: Person, room: int) -> None:
    first, other = alice.post(room, "shall we?")["id"], alice.post(room, "or not?")["id"]
    answer = reply(alice, room, first, key="once")
    with nothing_stored(server.database_url):
        assert reply(alice, room, first, key="once") == answer
        for different in (other, None):
            refused = alice.http.post(
                f"/room/{room}/messages", json={"text": "yes", "reply_to": different}, headers={"Idempotency-Key": "once"}
            )
            problem(refused, 422)
