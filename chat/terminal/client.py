"""Calls to the service's API. An error response becomes a Failure; a post with an idempotency key is repeated a few times."""

import random
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import httpx

from chat.terminal.errors import Failure, NotFound, NotSignedIn, Unreachable
from chat.version import VERSION

BASE = "/api/v1"
TIMEOUT = httpx.Timeout(30, connect=10)
PAGE = 500  # the largest limit of a list
TRIES = 5
LONGEST_PAUSE_SECONDS = 10.0
LONGEST_RETRY_AFTER_SECONDS = 30.0  # a stopping service spreads its clients over the time it has to stop
ERRNO = re.compile(r"\[Errno -?[0-9]+\] ")  # means nothing to people
UNAVAILABLE = frozenset({502, 503, 504})  # from a proxy, or a worker that is stopping: worth another try
FAILURES: dict[int, type[Failure]] = {401: NotSignedIn, 404: NotFound, 410: NotFound} | dict.fromkeys(UNAVAILABLE, Unreachable)


def path(*parts: object) -> str:
    """Each part becomes one segment, whatever characters it has."""
    return BASE + "".join(f"/{quote(str(part), safe='')}" for part in parts)


def without_none(values: Mapping[str, object]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


class Client:
    """One server, with one caller's headers. `unauthorized` replaces the message of a 401."""

    def __init__(self, url: str, headers: Mapping[str, str], unauthorized: str = "") -> None:
        self.url = url
        self._unauthorized = unauthorized
        if not all(value.isascii() and value.isprintable() for value in headers.values()):
            raise NotSignedIn(unauthorized)  # no header can hold the token, and httpx would show it in its error
        all_headers = {"User-Agent": f"chat/{VERSION}", "Accept": "application/json", **headers}
        self.http = httpx.Client(base_url=url, headers=all_headers, timeout=TIMEOUT)

    def get(self, path: str, **query: object) -> Any:
        return self.call("GET", path, params=without_none(query))

    def post(self, path: str, body: Mapping[str, object] | None = None) -> Any:
        return self.call("POST", path, json=body)

    def call(self, method: str, path: str, **more: Any) -> Any:
        """Returns the response's JSON, None for a 204. Raises Failure."""
        return self.parse(self.request(method, path, **more))

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            return self.check(self.http.request(method, path, **more))
        except httpx.TransportError as error:
            raise self.unreachable(error) from None

    def send_message(self, path: str, text: str) -> Any:
        return self.post_once(lambda headers: self.call("POST", path, json={"text": text}, headers=headers))

    def post_once(self, post: Callable[[dict[str, str]], Any]) -> Any:
        """Repeats with the same Idempotency-Key: the post may be committed although its response was lost."""
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        for attempt in range(TRIES - 1):
            try:
                return post(headers)
            except Unreachable as failure:
                time.sleep(retry_delay(failure, attempt))
        return post(headers)

    def list_all(self, path: str, **query: object) -> Iterator[Any]:
        """Yields all items of a paged list; the admin interface has them under `data`."""
        after: object = None
        while True:
            response = self.request("GET", path, params=without_none({**query, "limit": PAGE, "after": after}))
            content = self.parse(response)
            page = content.get("data", []) if isinstance(content, dict) else content
            yield from page
            if not page or "next" not in response.links:
                return
            after = httpx.URL(response.links["next"]["url"]).params.get("after")

    def check(self, response: httpx.Response) -> httpx.Response:
        if not response.is_success:
            response.read()
            raise self._failure(response)
        return response

    def parse(self, response: httpx.Response) -> Any:
        if response.status_code == 204:
            return None
        try:
            return response.json()
        except ValueError:
            raise self.not_a_chat_service() from None

    def _failure(self, response: httpx.Response) -> Failure:
        kind = FAILURES.get(response.status_code, Failure)
        detail = _detail(response) or f"{self.url} answered {response.status_code} {response.reason_phrase}"
        if kind is NotSignedIn and self._unauthorized:
            detail = self._unauthorized
        retry_after = response.headers.get("Retry-After", "")
        return kind(detail, response.status_code, float(retry_after) if retry_after.isdecimal() else None)

    def unreachable(self, error: httpx.TransportError) -> Unreachable:
        reason = ERRNO.sub("", str(error)) or type(error).__name__
        return Unreachable(f"cannot reach {self.url}: {reason}")

    def not_a_chat_service(self) -> Failure:
        return Failure(f"{self.url} does not answer as a chat service does: is the address right?")

    def close(self) -> None:
        self.http.close()


def retry_delay(failure: Failure, attempt: int) -> float:
    """Returns the seconds until the next try: those of Retry-After, else longer each time, with jitter."""
    if failure.retry_after is not None:
        return min(failure.retry_after, LONGEST_RETRY_AFTER_SECONDS)
    return min(2.0**attempt, LONGEST_PAUSE_SECONDS) * random.uniform(0.25, 0.5)


def _detail(response: httpx.Response) -> str:
    """The explanation in a problem document, "" if the body is something else."""
    try:
        document = response.json()
    except ValueError:
        return ""
    return str(document.get("detail") or document.get("title") or "") if isinstance(document, dict) else ""
