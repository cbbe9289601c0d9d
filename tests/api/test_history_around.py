"""History around an id: as many messages as requested, on both sides if there are some, and whether there are more."""

from typing import Any

import pytest

from tests.harness.people import Person
from tests.harness.responses import at_both_bases, problem

LARGEST = 2**63 - 1
Page = tuple[list[str], bool, bool]


@pytest.fixture
def said(alice: Person) -> list[int]:
    """The ids of what alice said in a room, "0" to "8", with something said elsewhere between."""
    room, elsewhere = alice.create_room()["id"], alice.create_room()["id"]
    ids = []
    for number in range(9):
        ids.append(alice.post(room, str(number))["id"])
        alice.post(elsewhere, "elsewhere")
    return [room, *ids]


def page(person: Person, path: str, **query: object) -> Page:
    """Texts, and whether there are older and newer ones."""
    answer = person.http.get(path, params={key: str(value) for key, value in query.items()})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return [message["text"] for message in found["messages"]], found["more"], found["newer"]


def in_room(person: Person, room: int, **query: object) -> Page:
    return page(person, f"/room/{room}/messages", **query)


@at_both_bases
@pytest.mark.parametrize("around", ["", "x", "-1", "1.5", str(LARGEST + 1)])
def test_what_is_no_id_is_refused(alice: Person, base: str, around: str) -> None:
    room = alice.create_room()["id"]
    problem(alice.http.get(f"{base}/room/{room}/messages?around={around}"), 400, "around")


@pytest.mark.parametrize("other", ["before", "after"])
def test_around_goes_with_no_other_bound(alice: Person, bob: Person, other: str) -> None:
    room = alice.create_room()["id"]
    for path in (f"/room/{room}", f"/user/{bob.name}"):
        problem(alice.http.get(f"{path}/messages?around=1&{other}=1"), 400, "around")


def test_who_may_not_read_gets_nothing_around_anything(alice: Person, bob: Person) -> None:
    closed = alice.create_room(kind="closed")["id"]
    fleeting = alice.create_room(expires="when_empty")["id"]
    for room, status in ((closed, 404), (fleeting, 403)):
        posted = alice.post(room, "psst")["id"]
        problem(bob.http.get(f"/room/{room}/messages?around={posted}"), status)


def test_of_an_ephemeral_room_only_what_was_said_since_joining_is_around(alice: Person, bob: Person) -> None:
    room = alice.create_room(expires="when_empty")["id"]
    before = alice.post(room, "before")["id"]
    assert bob.http.post(f"/room/{room}/members").status_code == 204
    alice.post(room, "after")
    assert in_room(bob, room, around=before) == (["after"], False, False)
    assert in_room(alice, room, around=before) == (["before", "after"], False, False)


def test_an_id_of_another_room_is_a_place_and_nothing_more(alice: Person, bob: Person, said: list[int]) -> None:
    """The response does not reveal whether the message exists."""
    closed = alice.create_room(kind="closed")["id"]
    hidden = alice.post(closed, "psst")["id"]
    room, *ids = said
    assert in_room(bob, room, around=hidden, limit=2) == (["7", "8"], True, False)
    assert in_room(bob, room, around=ids[4] + 1, limit=3) == (["3", "4", "5"], True, True)


@pytest.mark.parametrize(
    ("middle", "limit", "texts", "more", "newer"),
    [
        (4, 5, "23456", True, True),
        (4, 4, "3456", True, True),
        (4, 1, "4", True, True),
        (0, 3, "012", False, True),
        (0, 1, "0", False, True),
        (1, 5, "01234", False, True),
        (8, 3, "678", True, False),
        (8, 1, "8", True, False),
        (7, 5, "45678", True, False),
        (4, 9, "012345678", False, False),
        (0, 9, "012345678", False, False),
        (8, 9, "012345678", False, False),
        (8, 50, "012345678", False, False),
    ],
)
def test_the_message_is_in_the_middle_of_its_page(
    alice: Person, said: list[int], middle: int, limit: int, texts: str, more: bool, newer: bool
) -> None:
    room, *ids = said
    assert in_room(alice, room, around=ids[middle], limit=limit) == (list(texts), more, newer)


@pytest.mark.parametrize(("around", "expected"), [(0, (["0", "1"], False, True)), (LARGEST, (["7", "8"], True, False))])
def test_beyond_either_end_is_the_end(alice: Person, said: list[int], around: int, expected: Page) -> None:
    assert in_room(alice, said[0], around=around, limit=2) == expected


def test_an_empty_room_has_nothing_around_anything(alice: Person) -> None:
    assert in_room(alice, alice.create_room()["id"], around=5) == ([], False, False)


def test_one_goes_on_from_either_end(alice: Person, said: list[int]) -> None:
    room, *ids = said
    answer = alice.http.get(f"/room/{room}/messages?around={ids[4]}&limit=3").json()
    shown = [message["id"] for message in answer["messages"]]
    assert (shown, answer["cursor"]) == (ids[3:6], ids[3])
    assert in_room(alice, room, before=shown[0], limit=2) == (["1", "2"], True, True)
    assert in_room(alice, room, after=shown[-1], limit=3) == (["6", "7", "8"], False, False)


def test_every_page_tells_whether_there_are_newer_ones(alice: Person, said: list[int]) -> None:
    room, *ids = said
    assert in_room(alice, room, limit=3) == (["6", "7", "8"], True, False)
    assert in_room(alice, room, before=ids[1]) == (["0"], False, True)
    assert in_room(alice, room, before=ids[0]) == ([], False, True)
    assert in_room(alice, room, before=ids[8] + 1, limit=1) == (["8"], True, False)
    assert in_room(alice, room, after=ids[5], limit=2) == (["6", "7"], True, True)
    assert in_room(alice, room, after=ids[8]) == ([], False, False)


def test_a_conversation_is_read_around_an_id_by_its_two_alone(alice: Person, bob: Person, carol: Person) -> None:
    ids = [alice.write_to(bob.name, str(number))["id"] for number in range(3)]
    for person, other in ((alice, bob), (bob, alice)):
        assert page(person, f"/user/{other.name}/messages", around=ids[1], limit=1) == (["1"], True, True)
    assert page(carol, f"/user/{bob.name}/messages", around=ids[1]) == ([], False, False)


def test_what_was_posted_directly_tells_of_newer_ones_too(alice: Person, bob: Person) -> None:
    ids = [alice.write_to(bob.name, str(number))["id"] for number in range(3)]
    assert page(bob, "/messages", limit=2) == (["1", "2"], True, False)
    assert page(bob, "/messages", before=ids[1]) == (["0"], False, True)
