"""Signals, which are frames without an id: read from a stream, and proved absent by a later frame on the same path."""

from typing import Any

from tests.harness.people import Person
from tests.harness.streams import EventStream


def next_signal(stream: EventStream, kind: str) -> Any:
    """Returns the data of the next signal of that kind."""
    frame = stream.until(lambda frame: frame.event == kind)[-1]
    assert frame.id is None
    return frame.json()


def signals_until(stream: EventStream, kind: str, last: Any) -> list[Any]:
    """Returns the data of all signals of that kind up to `last`, with it."""
    frames = stream.until(lambda frame: frame.event == kind and frame.json() == last)
    return [frame.json() for frame in frames if frame.event == kind]


def type_in(person: Person, room: int | str) -> None:
    assert person.http.post(f"/room/{room}/typing").status_code == 204


def mark_read(person: Person, room: int | str, event_id: int) -> None:
    assert person.http.put(f"/room/{room}/read", json={"id": event_id}).status_code == 204


def ref(person: Person) -> dict[str, Any]:
    return {"id": person.id, "name": person.name}


def room_ref(room: dict[str, Any]) -> dict[str, Any]:
    return {key: room[key] for key in ("id", "name", "kind")}
