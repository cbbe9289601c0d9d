"""Reactions: every reader of a message may react, once with each emoji, and every reader gets the event."""

from typing import Any

import pytest

from chat.services.message_changes import MOST_EMOJI
from tests.harness.message_changes import delete, done, react, shown, unreact
from tests.harness.people import Person
from tests.harness.responses import at_both_bases, problem
from tests.harness.rooms import join
from tests.harness.server import Server
from tests.harness.tables import execute, nothing_stored
from tests.harness.workers import request_each_worker

EMOJI = ["👍", "❤️", "❤", "🇩🇪", "1️⃣", "👨‍👩‍👧‍👦", "👍🏽", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏳️‍🌈", "✅", "‼️", "🫠"]
NO_EMOJI = ["a", "1", "12", "%20", "%00", "%0A", "é", "漢", "+1", ":smile:", "%FF", "%EF%B8%8F"]
TOO_MUCH = ["👍👍", "👍%20", "🇩", "👍%E2%80%8D", "👍🏽🏽", "👨‍👩‍👧‍👦‍👦‍👦"]


@pytest.fixture
def message(alice: Person) -> int:
    """One of alice's, in an open room of hers."""
    said: int = alice.post(alice.create_room()["id"], "look")["id"]
    return said


def reactions(person: Person, message: int) -> list[tuple[str, list[int]]]:
    return [(one["emoji"], [user["id"] for user in one["users"]]) for one in shown(person, message)["reactions"]]


# Refused


@pytest.mark.parametrize("emoji", [*NO_EMOJI, *TOO_MUCH])
def test_what_is_no_emoji(server: Server, bob: Person, message: int, emoji: str) -> None:
    with nothing_stored(server.database_url):
        problem(bob.http.put(f"/message/{message}/reactions/{emoji}"), 400, "emoji")
        problem(bob.http.delete(f"/message/{message}/reactions/{emoji}"), 400, "emoji")


def test_a_message_that_one_may_not_know_of(server: Server, alice: Person, bob: Person) -> None:
    closed = alice.post(alice.create_room(kind="closed")["id"], "secret")["id"]
    direct = alice.write_to(bob.id, "psst")["id"]
    with Person.signed_in(server, "carol") as carol, nothing_stored(server.database_url):
        for stranger, hidden in ((bob, closed), (carol, closed), (carol, direct)):
            problem(react(stranger, hidden), 404)
            problem(unreact(stranger, hidden), 404)


def test_after_leaving_or_being_banned(server: Server, alice: Person, bob: Person, message: int) -> None:
    made = alice.create_room(kind="closed")
    join(bob, made["id"], invite_key=made["invite_key"])
    closed = alice.post(made["id"], "look")["id"]
    assert bob.http.delete(f"/room/{made['id']}/members/me").status_code == 204
    assert alice.http.put(f"/room/{shown(alice, message)['room']['id']}/bans/{bob.id}").status_code == 204
    with nothing_stored(server.database_url):
        problem(react(bob, closed), 404)
        problem(react(bob, message), 404)


def test_what_was_said_before_one_joined_an_ephemeral_room(server: Server, alice: Person, bob: Person) -> None:
    room = alice.create_room(expires_in=1)["id"]
    before = alice.post(room, "before bob")["id"]
    join(bob, room)
    with nothing_stored(server.database_url):
        problem(react(bob, before), 404)


def test_a_room_that_has_ended(server: Server, alice: Person, message: int) -> None:
    room = shown(alice, message)["room"]["id"]
    execute(server.database_url, "UPDATE rooms SET ended_at = now(), purged_at = now() WHERE id = :room", {"room": room})
    problem(react(alice, message), 410)
    problem(unreact(alice, message), 410)


@pytest.mark.parametrize("nothing", ["0", "999999999999", "9" * 30, "lobby"])
@at_both_bases
def test_what_is_no_message(server: Server, bob: Person, base: str, nothing: str) -> None:
    with nothing_stored(server.database_url):
        problem(bob.http.put(f"{base}/message/{nothing}/reactions/👍"), 404)


def test_one_who_is_not_signed_in(server: Server, bob: Person, message: int) -> None:
    with bob.sign_in_again() as elsewhere:
        elsewhere.sign_out()
        with nothing_stored(server.database_url):
            for answer in request_each_worker(server, elsewhere, "PUT", f"/message/{message}/reactions/%F0%9F%91%8D"):
                problem(answer, 401)


def test_one_emoji_more_than_a_message_takes(server: Server, alice: Person, bob: Person, message: int) -> None:
    for number in range(MOST_EMOJI):
        done(react(alice, message, chr(0x1F600 + number)))
    with nothing_stored(server.database_url):
        problem(react(bob, message, "👍"), 409)
    done(react(bob, message, chr(0x1F600)))
    done(unreact(alice, message, chr(0x1F601)))
    done(react(bob, message, "👍"))
    assert len(reactions(bob, message)) == MOST_EMOJI


# Granted


@pytest.mark.parametrize("emoji", EMOJI)
def test_an_emoji_is_shown_with_who_said_it(alice: Person, bob: Person, message: int, emoji: str) -> None:
    done(react(bob, message, emoji))
    assert reactions(alice, message) == [(emoji, [bob.id])]


def test_reactions_stand_in_the_order_of_their_first(alice: Person, bob: Person, message: int) -> None:
    for person, emoji in ((bob, "🎉"), (bob, "👍"), (alice, "🎉"), (alice, "🙈"), (alice, "👍")):
        done(react(person, message, emoji))
    expected = [("🎉", [bob.id, alice.id]), ("👍", [bob.id, alice.id]), ("🙈", [alice.id])]
    assert reactions(bob, message) == expected
    done(unreact(bob, message, "🎉"))
    assert reactions(bob, message) == [("👍", [bob.id, alice.id]), ("🎉", [alice.id]), ("🙈", [alice.id])]
    page = bob.http.get(f"/room/{shown(bob, message)['room']['id']}/messages").json()["messages"]
    assert page == [shown(bob, message)]


def test_the_same_reaction_is_said_once(server: Server, bob: Person, message: int) -> None:
    done(react(bob, message))
    with nothing_stored(server.database_url):
        done(react(bob, message))
    done(unreact(bob, message))
    with nothing_stored(server.database_url):
        done(unreact(bob, message))
        done(unreact(bob, message, "🎉"))
    assert reactions(bob, message) == []


def test_nobody_takes_anothers_reaction_back(server: Server, alice: Person, bob: Person, message: int) -> None:
    done(react(bob, message))
    with nothing_stored(server.database_url):
        done(unreact(alice, message))
    assert reactions(alice, message) == [("👍", [bob.id])]


def test_everybody_there_is_told_on_both_transports(alice: Person, bob: Person, message: int) -> None:
    room = shown(alice, message)["room"]
    with alice.stream_room(room["id"]) as stream:
        done(react(bob, message))
        done(unreact(bob, message))
        frames = stream.until(lambda frame: frame.event == "unreacted")
    told = [frame.json() for frame in frames if frame.event in ("reacted", "unreacted")]
    polled = alice.poll(f"/room/{room['id']}/subscribe", after=message, wait=0)["events"]
    assert told == polled == [_event(one, kind, room, message, bob) for one, kind in zip(told, ("reacted", "unreacted"), strict=True)]


def _event(one: dict[str, Any], kind: str, room: dict[str, Any], message: int, user: Person) -> dict[str, Any]:
    who, which = {"id": user.id, "name": user.name}, {"id": message}
    return {
        "id": one["id"],
        "kind": kind,
        "room": room,
        "message": which,
        "user": who,
        "emoji": "👍",
        "created_at": one["created_at"],
    }


def test_both_of_a_conversation_are_told_whoever_reacts(alice: Person, bob: Person) -> None:
    message = alice.write_to(bob.id, "psst")["id"]
    with alice.stream("/subscribe") as hers, bob.stream("/subscribe") as his, bob.stream("/messages/subscribe") as inbox:
        for person in (alice, bob):
            done(react(person, message, "🙈"))
        for stream in (hers, his, inbox):
            heard = [stream.until(lambda frame: frame.event == "reacted")[-1].json()["user"]["id"] for _ in range(2)]
            assert heard == [alice.id, bob.id]
    for path in ("/subscribe", "/messages/subscribe"):
        polled = bob.poll(path, after=message, wait=0)["events"]
        assert [event["user"]["id"] for event in polled] == [alice.id, bob.id]
    assert [event["user"]["id"] for event in alice.poll("/subscribe", after=message, wait=0)["events"]] == [alice.id, bob.id]
    assert alice.poll("/messages/subscribe", after=message, wait=0)["events"] == []


def test_who_may_not_read_the_message_is_not_told(server: Server, alice: Person, bob: Person, message: int) -> None:
    room, ephemeral = shown(alice, message)["room"]["id"], alice.create_room(expires_in=1)["id"]
    hidden = [alice.write_to(bob.id, "psst")["id"], alice.post(ephemeral, "before carol")["id"]]
    with Person.signed_in(server, "carol") as carol:
        join(carol, ephemeral)
        with carol.stream("/subscribe", room=room) as stream:
            for one in [*hidden, message]:
                done(react(alice, one, "🙈"))
            frames = stream.until(lambda frame: frame.event == "reacted")
        assert [frame.json()["message"]["id"] for frame in frames if frame.event == "reacted"] == [message]
        for answer in request_each_worker(server, carol, "GET", f"/room/{ephemeral}/subscribe?after=0&wait=0"):
            assert {event["kind"] for event in answer.json()["events"]} == {"join"}


def test_whoever_resumes_is_told_of_the_message_and_then_of_its_reactions(server: Server, alice: Person, bob: Person, message: int) -> None:
    """A worker's tail has the old message, the database the new one. The later event makes them the same."""
    done(react(bob, message))
    room = shown(alice, message)["room"]["id"]
    for answer in request_each_worker(server, bob, "GET", f"/room/{room}/subscribe?after={message - 1}&wait=0"):
        assert [event["kind"] for event in answer.json()["events"]] == ["message", "reacted"]


def test_they_go_with_the_message(server: Server, alice: Person, bob: Person, message: int) -> None:
    done(react(bob, message))
    done(delete(alice, message))
    assert execute(server.database_url, "SELECT FROM reactions WHERE message_id = :id", {"id": message}) == []


def test_they_go_with_the_room(server: Server, alice: Person, bob: Person, message: int) -> None:
    """As the purge takes its events."""
    done(react(bob, message))
    room = shown(alice, message)["room"]["id"]
    execute(server.database_url, "DELETE FROM events WHERE room_id = :room", {"room": room})
    assert execute(server.database_url, "SELECT FROM reactions WHERE message_id = :id", {"id": message}) == []
