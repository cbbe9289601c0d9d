"""Calls to the service. An answer that is a problem becomes a Failure; what may be sent again without harm is, a few times."""

import random
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import httpx

from chat.terminal.failures import Failure, NotFound, NotSignedIn, Unreachable
from chat.version import VERSION

BASE = "/api/v1"
TIMEOUT = httpx.Timeout(30, connect=10)
PAGE = 500  # the most that one call lists
TRIES = 5
LONGEST_PAUSE_SECONDS = 10.0
LONGEST_ASKED_SECONDS = 30.0  # a stopping service spreads its clients over the time it has to stop
ERRNO = re.compile(r"\[Errno -?[0-9]+\] ")  # says nothing to a person
AWAY = frozenset({502, 503, 504})  # a proxy, or a worker that stops: not the last word
FAILURES: dict[int, type[Failure]] = {401: NotSignedIn, 404: NotFound, 410: NotFound} | dict.fromkeys(AWAY, Unreachable)


def path(*parts: object) -> str:
    """Each part is a whole segment, whatever it holds."""
    return BASE + "".join(f"/{quote(str(part), safe='')}" for part in parts)


class Client:
    """One server, in the name of whom the headers show. `refused` is what a 401 means to a person, instead of the answer's own words."""

    def __init__(self, url: str, headers: Mapping[str, str], refused: str = "") -> None:
        self.url = url
        self._refused = refused
        if not all(value.isascii() and value.isprintable() for value in headers.values()):
            raise NotSignedIn(refused)  # no header holds it, and an error that says so would show it
        named = {"User-Agent": f"chat/{VERSION}", "Accept": "application/json", **headers}
        self.http = httpx.Client(base_url=url, headers=named, timeout=TIMEOUT)

    def get(self, where: str, **query: object) -> Any:
        return self.call("GET", where, params=_given(query))

    def post(self, where: str, body: Mapping[str, object] | None = None) -> Any:
        return self.call("POST", where, json=body)

    def call(self, method: str, where: str, **more: Any) -> Any:
        """The answer's JSON; None where it has none."""
        return self.content(self.answer(method, where, **more))

    def answer(self, method: str, where: str, **more: Any) -> httpx.Response:
        try:
            return self.checked(self.http.request(method, where, **more))
        except httpx.TransportError as error:
            raise self.unreachable(error) from None

    def send(self, where: str, text: str) -> Any:
        return self.post_once(lambda key: self.call("POST", where, json={"text": text}, headers=key))

    def post_once(self, post: Callable[[dict[str, str]], Any]) -> Any:
        """Tries again with the same Idempotency-Key, for an answer that was lost on its way says nothing of the post."""
        key = {"Idempotency-Key": uuid.uuid4().hex}
        for attempt in range(TRIES - 1):
            try:
                return post(key)
            except Unreachable as away:
                time.sleep(pause_after(away, attempt))
        return post(key)

    def listed(self, where: str, **query: object) -> Iterator[Any]:
        """All of a list that comes in pages; the admin interface has it under `data`."""
        after: object = None
        while True:
            answer = self.answer("GET", where, params=_given({**query, "limit": PAGE, "after": after}))
            content = self.content(answer)
            page = content.get("data", []) if isinstance(content, dict) else content
            yield from page
            if not page or "next" not in answer.links:
                return
            after = httpx.URL(answer.links["next"]["url"]).params.get("after")

    def checked(self, answer: httpx.Response) -> httpx.Response:
        if not answer.is_success:
            answer.read()
            raise self._failure(answer)
        return answer

    def content(self, answer: httpx.Response) -> Any:
        if answer.status_code == 204:
            return None
        try:
            return answer.json()
        except ValueError:
            raise Failure(f"{self.url} does not answer as a chat service does: is the address right?") from None

    def _failure(self, answer: httpx.Response) -> Failure:
        kind = FAILURES.get(answer.status_code, Failure)
        detail = _detail(answer) or f"{self.url} answered {answer.status_code} {answer.reason_phrase}"
        if kind is NotSignedIn and self._refused:
            detail = self._refused
        asked = answer.headers.get("Retry-After", "")
        return kind(detail, answer.status_code, float(asked) if asked.isdecimal() else None)

    def unreachable(self, error: httpx.TransportError) -> Unreachable:
        why = ERRNO.sub("", str(error)) or type(error).__name__
        return Unreachable(f"cannot reach {self.url}: {why}")

    def close(self) -> None:
        self.http.close()


def pause_after(failure: Failure, attempt: int) -> float:
    """Seconds until the next try: as long as the service asks for, else longer each time, and not all of us at once."""
    if failure.retry_after is not None:
        return min(failure.retry_after, LONGEST_ASKED_SECONDS)
    return min(2.0**attempt, LONGEST_PAUSE_SECONDS) * random.uniform(0.25, 0.5)


def _detail(answer: httpx.Response) -> str:
    """Of a problem document, or of whatever else it is, what was wrong."""
    try:
        document = answer.json()
    except ValueError:
        return ""
    return str(document.get("detail") or document.get("title") or "") if isinstance(document, dict) else ""


def _given(query: Mapping[str, object]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None}
