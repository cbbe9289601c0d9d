"""The two transports of a subscription: Server-Sent Events, and the long poll."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from chat.audit.sse_parser import Frame, FrameParser
from chat.terminal.client import Client
from chat.terminal.errors import Failure, NotSignedIn

FIRST_BYTE_SECONDS = 12.0  # the first frame is sent at once; a worker that has just begun may take 10 s
ANSWER_SECONDS = 10.0  # to connect, and beyond a long poll's wait
SIGN_IN_AGAIN = frozenset({"signed_out", "over", "password_changed"})  # "over": a 204 instead of a stream, which names no reason
NO_FAILURE = frozenset({"room_closed", "left"})


class StreamMute(Exception):
    """A stream sends nothing, not even heartbeats: something on the way holds it back, or the connection is dead."""


class SubscriptionEnded(Exception):
    """The service ended the subscription for good. reason: signed_out, banned, room_closed, left, …"""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Transports:
    """Requests to one of the service's subscribe addresses."""

    def __init__(self, client: Client, path: str, rooms: tuple[object, ...], mute_seconds: float) -> None:
        self._client = client
        self._path = path
        self._query: list[tuple[str, Any]] = [("room", room) for room in rooms]
        self._mute_seconds = mute_seconds

    def stream(self, cursor: int) -> Generator[Frame, None, None]:
        """Yields a stream's frames until the connection ends. Raises StreamMute, SubscriptionEnded and Failure."""
        try:
            with self._open(cursor) as response:
                parser = FrameParser()
                for data in _until_mute(response):
                    yield from parser.feed(data)
        except httpx.TransportError as error:
            raise self._client.unreachable(error) from None

    def poll(self, after: int | None, wait: int) -> Any:
        """Returns `events` and `cursor`, after at most `wait` seconds. Raises Failure."""
        query = [*self._query, ("wait", wait), *([] if after is None else [("after", after)])]
        timeout = httpx.Timeout(ANSWER_SECONDS, read=wait + ANSWER_SECONDS)
        answer = self._client.call("GET", self._path, params=query, timeout=timeout)
        if not isinstance(answer, dict) or not {"events", "cursor"} <= answer.keys():
            raise self._client.not_a_chat_service()
        return answer

    @contextmanager
    def _open(self, cursor: int) -> Iterator[httpx.Response]:
        """Raises StreamMute if not even the response's head arrives."""
        headers = {"Accept": "text/event-stream", "Accept-Encoding": "identity", "Last-Event-ID": str(cursor)}
        timeout = httpx.Timeout(ANSWER_SECONDS, read=min(FIRST_BYTE_SECONDS, self._mute_seconds))
        request = self._client.http.build_request("GET", self._path, params=self._query, headers=headers, timeout=timeout)
        try:
            response = self._client.http.send(request, stream=True)
        except httpx.ReadTimeout:
            raise StreamMute from None
        try:
            self._check_stream(response, cursor)
            # The transport reads this timeout when the body begins. From there on the longest silence is between heartbeats.
            request.extensions["timeout"]["read"] = self._mute_seconds
            yield response
        finally:
            response.close()

    def _check_stream(self, response: httpx.Response, cursor: int) -> None:
        """Raises StreamMute if the response is something else than a stream, such as a hotel network's page."""
        if response.status_code == 204:  # The subscription cannot be resumed. The long poll's error says why.
            self.poll(cursor, 0)
            raise SubscriptionEnded("over")
        if self._client.check(response).headers.get("Content-Type", "").partition(";")[0] != "text/event-stream":
            raise StreamMute


def explain_end(reason: str) -> Failure | None:
    """Returns the error that an end means, None if nothing went wrong: the room was closed, or the person left it."""
    if reason in SIGN_IN_AGAIN:
        return NotSignedIn("this session was ended: chat signin NAME")
    return Failure(f"the service ended this: {reason}") if reason not in NO_FAILURE else None


def _until_mute(response: httpx.Response) -> Iterator[bytes]:
    """Raises StreamMute if no byte came within the request's read timeout."""
    try:
        yield from response.iter_raw()
    except httpx.ReadTimeout:
        raise StreamMute from None
