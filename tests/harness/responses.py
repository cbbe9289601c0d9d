"""What every answer of a kind has in common: problem documents as RFC 9457 has them, and the two addresses of each call."""

from datetime import datetime
from typing import Any

import httpx
import pytest

BASES = ("/api/v1", "")

at_both_bases = pytest.mark.parametrize("base", BASES, ids=["v1", "root"])


def problem(answer: httpx.Response, status: int, field: str | None = None) -> dict[str, Any]:
    """The problem document, which must have this status and, where one is named, complain of this field."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text[:500]}"
    assert answer.headers["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document.keys() - {"errors"} == {"type", "title", "status", "detail"}
    assert document["status"] == status
    assert document["detail"]
    if field is not None:
        assert field in [error["field"] for error in document["errors"]], document
    return document


def is_utc(time: str) -> bool:
    """RFC 3339, in UTC."""
    return time.endswith("Z") and datetime.fromisoformat(time).tzinfo is not None


def bare(message: dict[str, Any]) -> dict[str, Any]:
    """A message of history as a stream has it, which leaves out what there is not."""
    beside = ("reply_to", "edited_at", "deleted_at", "reactions")
    assert message.keys() >= set(beside), "history leaves nothing out"
    return {name: value for name, value in message.items() if name not in beside or value}


def next_page(answer: httpx.Response) -> str | None:
    """The address in `Link: <…>; rel="next"`."""
    return answer.links["next"]["url"] if "next" in answer.links else None


def addresses_of_room(room: int) -> list[str]:
    """Every way to read a room, at both bases."""
    return [f"{base}/room/{room}{rest}" for base in BASES for rest in ("", "/messages", "/messages?after=0", "/subscribe?after=0&wait=0")]
