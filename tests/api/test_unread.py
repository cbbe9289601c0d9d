"""Unread counts: messages of others since a user read or joined, and mentions. One query counts a whole page of rooms."""

import json
from typing import Any

import httpx
import pytest
from flask import Flask
from sqlalchemy import event

from tests.harness.people import Person
from tests.harness.rooms import join
from tests.harness.server import Server
from tests.harness.signals import mark_read
from tests.harness.tables import execute

MOST = 1000
SAID = """
    WITH taken AS (UPDATE log SET head = head + :many RETURNING head - :many AS before)
    INSERT INTO events (id, kind, room_id, sender_id, text) SELECT before + n, 'message', :room, :sender, :text FROM taken, generate_series(1, :many) n
"""  # noqa: E501


@pytest.fixture
def room(alice: Person, bob: Person) -> int:
    """Of alice, with bob."""
    made: int = alice.create_room()["id"]
    join(bob, made)
    return made


def counted(person: Person, room: int) -> tuple[int, int, int]:
    """Unread, mentions and the newest message, in which the room and the list of rooms must agree."""
    looked_at = person.http.get(f"/room/{room}").json()
    listed = person.http.get("/rooms", params={"after": room - 1, "limit": 1}).json()
    if looked_at["kind"] != "direct":
        assert (listed[0]["id"], listed[0]["unread"]) == (room, looked_at["unread"])
    return looked_at["unread"], looked_at["mentions"], looked_at["newest"]


def test_nothing_is_unread_of_a_room_that_one_has_not_joined(alice: Person, bob: Person) -> None:
    room = alice.create_room()["id"]
    posted = alice.post(room, f"@{bob.name}")["id"]
    assert counted(bob, room) == (0, 0, posted)


def test_an_ephemeral_room_does_not_tell_a_stranger_of_its_newest_message(alice: Person, bob: Person) -> None:
    room = alice.create_room(expires="when_empty")["id"]
    posted = alice.post(room, "before")["id"]
    assert (counted(alice, room), counted(bob, room)) == ((0, 0, posted), (0, 0, 0))


def test_an_ephemeral_room_counts_only_since_joining(alice: Person, bob: Person) -> None:
    room = alice.create_room(expires="when_empty")["id"]
    alice.post(room, "before")
    join(bob, room)
    assert counted(bob, room) == (0, 0, 0)
    posted = alice.post(room, "after")["id"]
    assert counted(bob, room) == (1, 0, posted)


def test_what_was_said_before_joining_is_not_unread(alice: Person, bob: Person) -> None:
    room = alice.create_room()["id"]
    posted = alice.post(room, "before")["id"]
    join(bob, room)
    assert counted(bob, room) == (0, 0, posted)


def test_ones_own_messages_are_not_unread(alice: Person, bob: Person, room: int) -> None:
    bob.post(room, f"I am @{bob.name}")
    posted = alice.post(room, "hi")["id"]
    assert counted(bob, room) == (1, 0, posted)
    assert counted(alice, room) == (1, 0, posted)


def test_a_deleted_message_is_not_unread(alice: Person, bob: Person, room: int) -> None:
    alice.post(room, "stays")
    gone = alice.post(room, f"goes, @{bob.name}")["id"]
    assert counted(bob, room)[:2] == (2, 1)
    assert alice.http.delete(f"/message/{gone}").status_code == 204
    assert counted(bob, room)[:2] == (1, 0)


def test_only_messages_are_counted(alice: Person, bob: Person, room: int) -> None:
    """Neither joins and leaves nor changes count."""
    assert counted(bob, room) == (0, 0, 0)
    assert alice.http.patch(f"/room/{room}", json={"topic": "news"}).status_code == 200
    join(alice, room)
    first = alice.post(room, "first")["id"]
    assert alice.http.patch(f"/message/{first}", json={"text": "edited"}).status_code == 200
    assert alice.http.put(f"/message/{first}/reactions/\U0001f44d").status_code == 204
    assert counted(bob, room) == (1, 0, first)


def test_a_file_is_unread_and_its_text_mentions(alice: Person, bob: Person, room: int) -> None:
    posted = alice.http.post(f"/room/{room}/files", data={"text": f"for @{bob.name}"}, files={"file": ("a.txt", b"hi")})
    assert posted.status_code == 201, posted.text
    assert counted(bob, room) == (1, 1, posted.json()["id"])


def test_what_is_marked_is_read(alice: Person, bob: Person, room: int) -> None:
    ids = [alice.post(room, f"@{bob.name}")["id"] for _ in range(3)]
    for upto, left in zip(ids, (2, 1, 0), strict=True):
        mark_read(bob, room, upto)
        assert counted(bob, room) == (left, left, ids[-1])


def test_a_conversation_is_unread_from_its_beginning(alice: Person, bob: Person) -> None:
    written = alice.write_to(bob.name, "hi")
    assert counted(bob, written["room"]["id"]) == (1, 0, written["id"])
    assert counted(alice, written["room"]["id"]) == (0, 0, written["id"])


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("@{} look", 1),
        ("look, @{}", 1),
        ("look, @{}.", 1),
        ("is it @{}...?", 1),
        ("(@{})", 1),
        ("@{}'s", 1),
        ("Thanks…@{}", 1),
        ("line\n@{}\nline", 1),
        ("@{} and @{}", 1),
        ("{}", 0),
        ("@{}x", 0),
        ("@{}5", 0),
        ("@{}-x", 0),
        ("@{}.de", 0),
        ("@{}é", 0),
        ("mail@{}", 0),
        ("é@{}", 0),
        ("@ {}", 0),
    ],
)
def test_a_mention_is_the_name_as_a_whole_word(alice: Person, bob: Person, room: int, text: str, mentions: int) -> None:
    for name in (bob.name, bob.name.upper()):
        upto = alice.post(room, text.replace("{}", name))["id"]
        assert counted(bob, room)[:2] == (1, mentions)
        mark_read(bob, room, upto)


@pytest.mark.parametrize(("name", "mentioned", "not_this"), [("zoë.{}", "@ZOË.{}", "@zoe.{}"), ("a.b-{}", "@A.B-{}", "@axb-{}")])
def test_names_are_taken_by_the_letter(server: Server, alice: Person, name: str, mentioned: str, not_this: str) -> None:
    room = alice.create_room()["id"]
    with Person.signed_in(server, name.format("somebody")) as somebody:
        join(somebody, room)
        end = somebody.name.partition("somebody")[2]
        for text, mentions in ((mentioned, 1), (not_this, 0)):
            upto = alice.post(room, text.format("somebody") + end)["id"]
            assert counted(somebody, room)[:2] == (1, mentions)
            mark_read(somebody, room, upto)


def test_no_more_than_a_thousand_are_counted(server: Server, alice: Person, bob: Person, room: int) -> None:
    said = {"room": room, "sender": alice.id, "text": f"@{bob.name}"}
    execute(server.database_url, SAID, said | {"many": MOST - 1})
    assert counted(bob, room)[:2] == (MOST - 1, MOST - 1)
    execute(server.database_url, SAID, said | {"many": 50})
    assert counted(bob, room)[:2] == (MOST, MOST)


def test_what_one_has_said_oneself_hides_nothing(server: Server, alice: Person, bob: Person, room: int) -> None:
    alice.post(room, "hi")
    execute(server.database_url, SAID, {"room": room, "sender": bob.id, "text": "me again", "many": MOST})
    assert counted(bob, room)[:2] == (1, 0)


def statements_of(app: Flask, ask: Any) -> list[str]:
    """The statements that PostgreSQL gets inside the block."""
    asked: list[str] = []
    engine = app.extensions["chat"].reads

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if "log_origin" not in statement:  # the follower's, which looks at the log's epoch twice a second
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        ask()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return asked


def test_many_rooms_are_one_query(app: Flask, ada: Person) -> None:
    """As many statements as for one room."""
    listed: list[httpx.Response] = []

    def ask() -> None:
        listed.append(ada.http.get("/rooms?limit=500"))

    ada.create_room()
    for_one = statements_of(app, ask)
    for _ in range(20):
        ada.post(ada.create_room()["id"], "hi")
    for_many = statements_of(app, ask)
    assert [len(json.loads(answer.content)) for answer in listed] == [1, 21]
    assert len(for_many) == len(for_one) and sum("unread" in statement for statement in for_many) == 1
