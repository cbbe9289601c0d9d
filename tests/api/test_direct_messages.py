"""Writing to one person."""

import pytest

from tests.harness.people import Person
from tests.harness.responses import at_both_bases, bare, problem
from tests.harness.server import Server
from tests.harness.tables import nothing_stored

# Refused


@pytest.mark.parametrize("nobody", ["0", "999999999999", "9" * 30, "no-such-person"])
@at_both_bases
def test_writing_to_nobody(server: Server, alice: Person, base: str, nobody: str) -> None:
    with nothing_stored(server.database_url):
        problem(alice.http.post(f"{base}/user/{nobody}/messages", json={"text": "hello?"}), 404)
        problem(alice.http.get(f"{base}/user/{nobody}/messages"), 404)


@at_both_bases
def test_writing_to_oneself(server: Server, alice: Person, base: str) -> None:
    with nothing_stored(server.database_url):
        problem(alice.http.post(f"{base}/user/{alice.id}/messages", json={"text": "note to self"}), 400, "user")


@pytest.mark.parametrize(
    ("body", "headers", "field"),
    [
        ({"text": ""}, {}, "text"),
        ({"text": "a\0b"}, {}, "text"),
        ({}, {}, "text"),
        ({"text": "hi"}, {"Idempotency-Key": "two words"}, "Idempotency-Key"),
    ],
)
def test_a_first_message_that_is_refused_opens_no_conversation(
    server: Server, alice: Person, bob: Person, body: dict[str, str], headers: dict[str, str], field: str
) -> None:
    with nothing_stored(server.database_url):
        problem(alice.http.post(f"/user/{bob.id}/messages", json=body, headers=headers), 400, field)


# Granted


@at_both_bases
def test_a_message_to_a_person_is_in_a_room_of_two(server: Server, alice: Person, bob: Person, base: str) -> None:
    answer = alice.http.post(f"{base}/user/{bob.name}/messages", json={"text": "psst"})
    assert answer.status_code == 201
    message = answer.json()
    assert message["room"] == {"id": message["room"]["id"], "name": None, "kind": "direct"}
    assert message["sender"]["id"] == alice.id
    assert answer.headers["Location"] == f"{server.url}{base}/message/{message['id']}"
    for person in (alice, bob):
        assert bare(person.http.get(answer.headers["Location"]).json()) == message
        room = person.http.get(f"{base}/room/{message['room']['id']}").json()
        assert (room["kind"], room["members"], room["messages"], room["owner"]) == ("direct", 2, 1, None)


@at_both_bases
def test_both_read_the_same_conversation(alice: Person, bob: Person, base: str) -> None:
    alice.write_to(bob.id, "psst")
    bob.write_to(alice.name, "yes?")
    alice.write_to(bob.name, "nothing")
    pages = [alice.http.get(f"{base}/user/{bob.id}/messages"), bob.http.get(f"{base}/user/{alice.name}/messages")]
    assert pages[0].json() == pages[1].json()
    assert [message["text"] for message in pages[0].json()["messages"]] == ["psst", "yes?", "nothing"]
    assert len({message["room"]["id"] for message in pages[0].json()["messages"]}) == 1


@at_both_bases
def test_a_conversation_that_never_began_is_empty(server: Server, alice: Person, bob: Person, base: str) -> None:
    with nothing_stored(server.database_url):
        assert alice.http.get(f"{base}/user/{bob.id}/messages").json() == {"messages": [], "cursor": 0, "more": False, "newer": False}


@at_both_bases
def test_the_inbox_is_what_others_posted_to_the_caller(server: Server, alice: Person, bob: Person, base: str) -> None:
    with Person.signed_in(server, "carol") as carol:
        bob.write_to(alice.id, "from bob")
        alice.write_to(bob.id, "from alice")
        carol.write_to(alice.id, "from carol")
        carol.post(alice.create_room()["id"], "not direct")
        inbox = alice.http.get(f"{base}/messages").json()
    assert [message["text"] for message in inbox["messages"]] == ["from bob", "from carol"]
    assert inbox["more"] is False


@at_both_bases
def test_the_inbox_and_a_conversation_are_paged_like_a_room(alice: Person, bob: Person, base: str) -> None:
    ids = [bob.write_to(alice.id, f"message {number}")["id"] for number in range(4)]
    for path in ("messages", f"user/{bob.id}/messages"):
        newest = alice.http.get(f"{base}/{path}", params={"limit": 2}).json()
        assert [message["id"] for message in newest["messages"]] == ids[2:]
        older = alice.http.get(f"{base}/{path}", params={"limit": 2, "before": newest["cursor"]}).json()
        assert ([message["id"] for message in older["messages"]], older["more"]) == (ids[:2], False)
        newer = alice.http.get(f"{base}/{path}", params={"limit": 3, "after": ids[0]}).json()
        assert ([message["id"] for message in newer["messages"]], newer["more"]) == (ids[1:], False)


@at_both_bases
def test_what_is_posted_to_a_person_arrives_live_and_on_resume(alice: Person, bob: Person, base: str) -> None:
    with alice.stream(f"{base}/messages/subscribe") as inbox, bob.stream(f"{base}/subscribe") as all_of_bobs:
        told = bob.write_to(alice.id, "psst")
        assert inbox.next_message() == told
        assert all_of_bobs.next_message() == told  # His other devices see what he wrote.
        alice.write_to(bob.id, "yes?")
        last = bob.write_to(alice.id, "nothing")
        assert inbox.messages_through(last["id"]) == ["nothing"]  # Not what she wrote herself.
    assert alice.poll(f"{base}/messages/subscribe", after=told["id"] - 1)["events"] == [told, last]


def test_two_who_write_to_each_other_first_share_one_conversation(alice: Person, bob: Person) -> None:
    rooms = {alice.write_to(bob.id, "me first")["room"]["id"], bob.write_to(alice.id, "no, me")["room"]["id"]}
    assert len(rooms) == 1
    rooms |= {alice.post(rooms.copy().pop(), "by the room's id")["room"]["id"]}
    assert len(rooms) == 1


def test_a_conversation_can_be_followed_by_its_room_too(server: Server, alice: Person, bob: Person) -> None:
    room = alice.write_to(bob.name, "the first")["room"]["id"]
    with bob.stream_room(room) as one, bob.stream("/subscribe", room=room) as all_of_it:
        posted = alice.write_to(bob.name, "the second")
        assert one.messages_through(posted["id"]) == ["the second"]
        assert all_of_it.messages_through(posted["id"]) == ["the second"], "once, although it comes by two ways"


def test_nobody_joins_a_conversation(server: Server, alice: Person, bob: Person) -> None:
    room = alice.write_to(bob.name, "the first")["room"]["id"]
    assert alice.http.post(f"/room/{room}/members").status_code == 404
