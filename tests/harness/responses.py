"""Checks that many responses share: problem documents (RFC 9457), and the two base paths of each call."""

from datetime import datetime
from typing import Any

import httpx
import pytest

BASES = ("/api/v1", "")

at_both_bases = pytest.mark.parametrize("base", BASES, ids=["v1", "root"])


def problem(answer: httpx.Response, status: int, field: str | None = None) -> dict[str, Any]:
    """Returns the problem document without its id. It must have this status and name this field, if one is given."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text[:500]}"
    assert answer.headers["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document.keys() - {"errors"} == {"type", "title", "status", "detail", "request_id"}
    assert document.pop("request_id") == answer.headers["X-Request-ID"], "the operator finds the request by it"
    assert document["status"] == status
    assert document["detail"]
    if field is not None:
        assert field in [error["field"] for error in document["errors"]], document
    return document


def content_but_id(answer: httpx.Response) -> bytes:
    """The body of a problem. Its id is random, and tells nothing that the body does not."""
    request_id = answer.headers["X-Request-ID"].encode()
    assert answer.content.count(request_id) == 1
    return answer.content.replace(request_id, b"")


def is_utc(time: str) -> bool:
    """Whether it is a time in UTC as RFC 3339 has it."""
    return time.endswith("Z") and datetime.fromisoformat(time).tzinfo is not None


def bare(message: dict[str, Any]) -> dict[str, Any]:
    """A message of history in the form of a stream, which leaves out empty fields."""
    optional = ("reply_to", "edited_at", "deleted_at", "reactions")
    assert message.keys() >= set(optional), "history leaves nothing out"
    return {name: value for name, value in message.items() if name not in optional or value}


def next_page(answer: httpx.Response) -> str | None:
    """The address in `Link: <…>; rel="next"`, if there is one."""
    return answer.links["next"]["url"] if "next" in answer.links else None


def addresses_of_room(room: int) -> list[str]:
    """Every path that reads a room, under both base paths."""
    return [f"{base}/room/{room}{rest}" for base in BASES for rest in ("", "/messages", "/messages?after=0", "/subscribe?after=0&wait=0")]
