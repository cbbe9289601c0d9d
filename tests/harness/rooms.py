"""API calls about a room."""

from typing import Any

from tests.harness.people import Person

Room = int | str | dict[str, Any]  # an id, or the room as the API returns it


def join(person: Person, room: Room, **entry: str) -> None:
    """`entry` is the request's body: an invite key, if the room needs one."""
    assert person.http.post(f"{_address(room)}/members", json=entry).status_code == 204


def say(person: Person, room: Room, *texts: str) -> list[str]:
    """Posts the texts in order, and returns them."""
    for text in texts:
        person.post(_id(room), text)
    return list(texts)


def connections(person: Person, room: Room) -> int:
    """How many streams and polls cover the room."""
    count: int = _read(person, room)["connections"]
    return count


def unread_of(person: Person, room: Room) -> int:
    unread: int = _read(person, room)["unread"]
    return unread


def _read(person: Person, room: Room) -> dict[str, Any]:
    answer = person.http.get(_address(room))
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def _address(room: Room) -> str:
    return f"/api/v1/room/{_id(room)}"


def _id(room: Room) -> int | str:
    return room["id"] if isinstance(room, dict) else room
