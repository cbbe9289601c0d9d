"""Edits, deletions and reactions as API calls, and the messages that a client has after the events of them."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import httpx

from tests.harness.people import Person


def edit(person: Person, message: int | str, text: object) -> httpx.Response:
    return person.http.patch(f"/api/v1/message/{message}", json={"text": text})


def delete(person: Person, message: int | str) -> httpx.Response:
    return person.http.delete(f"/api/v1/message/{message}")


def react(person: Person, message: int | str, emoji: str = "👍") -> httpx.Response:
    return person.http.put(f"/api/v1/message/{message}/reactions/{quote(emoji, safe='')}")


def unreact(person: Person, message: int | str, emoji: str = "👍") -> httpx.Response:
    return person.http.delete(f"/api/v1/message/{message}/reactions/{quote(emoji, safe='')}")


def edited(person: Person, message: int, text: str) -> dict[str, Any]:
    """Edits a message, which must succeed. Returns the message."""
    answer = edit(person, message, text)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def done(answer: httpx.Response) -> None:
    assert answer.status_code == 204, f"{answer.status_code} {answer.text}"


def shown(person: Person, message: int) -> dict[str, Any]:
    """Reads a message by its id."""
    answer = person.http.get(f"/api/v1/message/{message}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


Seen = dict[int, dict[str, Any]]


def applied(events: Iterable[dict[str, Any]], known: Seen | None = None) -> Seen:
    """Returns the messages that a client has after these events: text, times of edit and deletion, reactions."""
    seen: Seen = {number: {**one, "reactions": set(one["reactions"])} for number, one in (known or {}).items()}
    for event in events:
        if event["kind"] in ("message", "file"):
            seen[event["id"]] = _message(event)
        elif event["kind"] in ("edited", "deleted", "reacted", "unreacted") and event["message"]["id"] in seen:
            _correct(seen[event["message"]["id"]], event)
    return seen


def _message(event: dict[str, Any]) -> dict[str, Any]:
    reactions = {(reaction["emoji"], user["id"]) for reaction in event.get("reactions") or [] for user in reaction["users"]}
    return {
        "text": event["text"],
        "edited_at": event.get("edited_at"),
        "deleted_at": event.get("deleted_at"),
        "reactions": reactions,
    }


def _correct(message: dict[str, Any], event: dict[str, Any]) -> None:
    if event["kind"] == "edited":
        message |= {"text": event["message"]["text"], "edited_at": event["message"]["edited_at"]}
    elif event["kind"] == "deleted":
        message |= {"text": "", "deleted_at": event["created_at"], "reactions": set()}
    elif event["kind"] == "reacted" and not message["deleted_at"]:
        message["reactions"].add((event["emoji"], event["user"]["id"]))
    else:
        message["reactions"].discard((event.get("emoji"), event["user"]["id"]))


def of_history(person: Person, room: int) -> Seen:
    """Returns the same from history."""
    page = person.http.get(f"/api/v1/room/{room}/messages?after=0&limit=500").json()
    return applied(page["messages"])
