"""Posting to rooms, and reading back."""

import pytest

from tests.harness.people import Person
from tests.harness.responses import at_both_bases, bare, is_utc, problem
from tests.harness.server import Server
from tests.harness.tables import nothing_stored


def say(person: Person, room: int, how_many: int) -> list[int]:
    return [person.post(room, f"message {number}")["id"] for number in range(how_many)]


# Refused


@pytest.mark.parametrize("missing", ["0", "999999999999", "9" * 30, "no such room"])
@at_both_bases
def test_posting_to_a_room_that_is_not_there(server: Server, alice: Person, base: str, missing: str) -> None:
    with nothing_stored(server.database_url):
        problem(alice.http.post(f"{base}/room/{missing}/messages", json={"text": "hello?"}), 404)


@pytest.mark.parametrize("message", ["0", "999999999999", "9" * 30, "first", "-1", "1.5"])
@at_both_bases
def test_a_message_that_is_not_there_is_not_found(alice: Person, base: str, message: str) -> None:
    problem(alice.http.get(f"{base}/message/{message}"), 404)


def test_a_join_is_no_message(alice: Person, bob: Person, room: int) -> None:
    first = alice.post(room, "before bob")["id"]
    bob.http.post(f"/room/{room}/members")
    last = alice.post(room, "after bob")["id"]
    assert last == first + 2
    problem(alice.http.get(f"/message/{first + 1}"), 404)
    assert alice.history(room) == ["before bob", "after bob"]


# Granted


@at_both_bases
def test_a_post_is_answered_with_the_message_and_its_address(server: Server, alice: Person, bob: Person, base: str) -> None:
    room = alice.create_room()
    answer = bob.http.post(f"{base}/room/{room['id']}/messages", json={"text": "hi"})
    assert answer.status_code == 201
    message = answer.json()
    assert message == {
        "id": message["id"],
        "kind": "message",
        "room": {"id": room["id"], "name": room["name"], "kind": "open"},
        "sender": {"id": bob.id, "name": bob.name},
        "text": "hi",
        "created_at": message["created_at"],
    }
    assert is_utc(message["created_at"])
    assert answer.headers["Location"] == f"{server.url}{base}/message/{message['id']}"
    assert bare(alice.http.get(answer.headers["Location"]).json()) == message


def test_one_need_not_have_joined_an_open_room(alice: Person, bob: Person, room: int) -> None:
    bob.post(room, "just passing")
    assert alice.http.get(f"/room/{room}").json()["members"] == 1
    assert bob.history(room) == ["just passing"]


@at_both_bases
def test_a_room_may_be_named(alice: Person, base: str) -> None:
    room = alice.create_room()
    alice.http.post(f"{base}/room/{room['name']}/messages", json={"text": "by name"})
    page = alice.http.get(f"{base}/room/{room['name'].upper()}/messages").json()
    assert [message["text"] for message in page["messages"]] == ["by name"]


@pytest.mark.parametrize(
    "text",
    [
        "x",
        " spaces stay ",
        "two\nlines\r\nand\ta tab",
        "id: 1\n\ndata: a frame of one's own\n\n",
        "\u2028 \u2029 \u0085 \ufeff \x0b \x1b[31m",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467 e\u0301 \u202e",
        '<script>alert("1")</script> \\ \' " %s {room}',
        "a" * 16 * 1024,
        "\u00e9" * 8 * 1024,
        "\x01" * 16 * 1024,
    ],
    ids=["short", "spaces", "lines", "frame", "separators", "clusters", "markup", "16 KB", "16 KB of two bytes", "16 KB escaped"],
)
def test_a_text_comes_back_as_it_was_sent(alice: Person, bob: Person, room: int, text: str) -> None:
    with bob.stream_room(room) as stream:
        posted = alice.post(room, text)
        assert posted["text"] == text
        assert stream.next_message() == posted
    assert bob.history(room) == [text]
    assert bob.poll(f"/room/{room}/subscribe", after=posted["id"] - 1)["events"] == [posted]
    assert bare(bob.http.get(f"/message/{posted['id']}").json()) == posted


@at_both_bases
def test_an_empty_history_is_an_empty_page(alice: Person, room: int, base: str) -> None:
    assert alice.http.get(f"{base}/room/{room}/messages").json() == {"messages": [], "cursor": 0, "more": False, "newer": False}
    assert alice.http.get(f"{base}/room/{room}/messages?after=17").json() == {"messages": [], "cursor": 17, "more": False, "newer": False}


@at_both_bases
def test_history_is_the_newest_page_oldest_first(alice: Person, room: int, base: str) -> None:
    ids = say(alice, room, 5)
    page = alice.http.get(f"{base}/room/{room}/messages", params={"limit": 3}).json()
    assert [message["id"] for message in page["messages"]] == ids[2:]
    assert (page["cursor"], page["more"]) == (ids[2], True)


@pytest.mark.parametrize("limit", [1, 2, 5, 6])
@at_both_bases
def test_history_is_walked_back_and_forth(alice: Person, room: int, base: str, limit: int) -> None:
    ids = say(alice, room, 5)
    assert walk(alice, f"{base}/room/{room}/messages", limit, before=2**63 - 1) == ids
    assert walk(alice, f"{base}/room/{room}/messages", limit, after=0) == ids


def walk(person: Person, path: str, limit: int, **start: int) -> list[int]:
    """All ids, page by page from a start. Every page but the last is full."""
    ((direction, cursor),) = start.items()
    ids: list[int] = []
    more = True
    while more:
        page = person.http.get(path, params={direction: cursor, "limit": limit}).json()
        found = [message["id"] for message in page["messages"]]
        ids = found + ids if direction == "before" else ids + found
        cursor, more = page["cursor"], page["more"]
        assert len(found) == limit or not more
    return ids


def test_a_page_is_fifty_unless_told(ada: Person) -> None:
    room = ada.create_room()["id"]
    say(ada, room, 51)
    page = ada.http.get(f"/room/{room}/messages").json()
    assert (len(page["messages"]), page["more"]) == (50, True)
    assert len(ada.http.get(f"/room/{room}/messages", params={"limit": 500}).json()["messages"]) == 51


def test_an_answer_about_people_is_kept_by_nobody(alice: Person, room: int) -> None:
    posted = alice.http.post(f"/room/{room}/messages", json={"text": "hi"})
    for path in (f"/room/{room}/messages", f"/message/{posted.json()['id']}", f"/room/{room}", "/rooms", "/users", "/session"):
        assert alice.http.get(path).headers["Cache-Control"] == "no-store"
    assert posted.headers["Cache-Control"] == "no-store"


def test_a_long_list_is_compressed_for_whom_takes_that(alice: Person, room: int) -> None:
    for number in range(20):
        alice.post(room, f"a line of the usual length that somebody wrote, number {number}")
    plain = alice.http.get(f"/room/{room}/messages", headers={"Accept-Encoding": "identity"})
    packed = alice.http.get(f"/room/{room}/messages", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers and packed.headers["Content-Encoding"] == "gzip"
    assert packed.json() == plain.json()
    assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"]) / 3
    assert "Accept-Encoding" in packed.headers["Vary"] and "Accept-Encoding" in plain.headers["Vary"]
