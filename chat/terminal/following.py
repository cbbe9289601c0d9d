"""Following what is said, for as long as somebody reads: each event once, in order, over drops, deploys and proxies that swallow streams.

Server-Sent Events first; where a stream stays mute, the long poll from the same cursor, and a stream again later."""

import enum
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from chat.audit.frames import Frame, FrameParser
from chat.terminal.client import Client, pause_after
from chat.terminal.failures import Failure, NotSignedIn, Unreachable

HEARTBEAT_SECONDS = 15.0  # the service's own default
MUTE_HEARTBEATS = 2.5  # after so many of them that did not come, none is coming
FIRST_SECONDS = 12.0  # the first frame is sent at once; a worker that has just begun may take 10 s
WAIT_SECONDS = 25  # of one long poll: less than what routers allow
ANSWER_SECONDS = 10.0  # how much later than that an answer may come
STREAM_AGAIN_SECONDS = (60.0, 600.0)  # how long the long poll is kept, at first and at most
WHISPERS = frozenset({"typing", "presence"})
Event = dict[str, Any]


class Link(enum.Enum):
    """How the follower hears."""

    LIVE = "live"
    POLLING = "long poll"
    AWAY = "reconnecting"


Notify = Callable[[Link, str], None]
Whispered = Callable[[str, Event], None]


class Ended(Exception):
    """The service closed this for good; reason: signed_out, banned, room_closed, left."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Mute(Exception):
    """A stream that says nothing, not even that it is alive."""


class Follower:
    """`where` is any of the service's subscribe addresses. notify is told when the link changes, and why; whispered, which only a
    stream brings, what has no place in the log: its kind and its data."""

    def __init__(
        self,
        client: Client,
        where: str,
        notify: Notify,
        rooms: tuple[object, ...] = (),
        heartbeat: float | None = None,
        whispered: Whispered | None = None,
    ) -> None:
        self.cursor = 0
        self.link: Link | None = None
        self._client = client
        self._where = where
        self._query: list[tuple[str, Any]] = [("room", room) for room in rooms]
        self._notify = notify
        self._whispered = whispered
        self._mute_seconds = MUTE_HEARTBEATS * (heartbeat or HEARTBEAT_SECONDS)
        self._failures = 0
        self._retry_seconds: float | None = None
        self._polls_for = STREAM_AGAIN_SECONDS[0]
        self._polls_until = 0.0

    def begin(self, since: int | None = None) -> None:
        """Sets the cursor before anything is followed: what is said from this moment on is not missed, whatever way it comes."""
        newest = self._poll(None, 0)["cursor"]
        self.cursor = int(newest) if since is None else since

    def events(self) -> Iterator[Event]:
        """Without end. Raises Ended, or the Failure that no trying again would change."""
        while True:
            try:
                with _transport_errors_of(self._client):
                    yield from self._polled() if self._is_polling() else self._streamed()
            except Mute:
                self._fall_back()
            except Unreachable as away:
                self._pause(away)

    def _is_polling(self) -> bool:
        return time.monotonic() < self._polls_until

    # Server-Sent Events

    def _streamed(self) -> Iterator[Event]:
        with self._open() as answer:
            frames = FrameParser()
            for data in _until_mute(answer):
                for frame in frames.feed(data):
                    self._heard(Link.LIVE)
                    yield from self._taken(frame)
        raise Unreachable("the connection was lost", retry_after=self._retry())

    @contextmanager
    def _open(self) -> Iterator[httpx.Response]:
        """Raises Mute where something on the way keeps even the answer's head."""
        headers = {"Accept": "text/event-stream", "Accept-Encoding": "identity", "Last-Event-ID": str(self.cursor)}
        timeout = httpx.Timeout(ANSWER_SECONDS, read=min(FIRST_SECONDS, self._mute_seconds))
        request = self._client.http.build_request("GET", self._where, params=self._query, headers=headers, timeout=timeout)
        try:
            answer = self._client.http.send(request, stream=True)
        except httpx.ReadTimeout:
            raise Mute from None
        try:
            self._refuse_other_than_stream(answer)
            # From here on it is heartbeats that are waited for; the transport reads this when the body begins.
            request.extensions["timeout"]["read"] = self._mute_seconds
            yield answer
        finally:
            answer.close()

    def _refuse_other_than_stream(self, answer: httpx.Response) -> None:
        if answer.status_code == 204:  # There is nothing to come back to: the long poll says why.
            self._poll(self.cursor, 0)
            raise Ended("over")
        if self._client.checked(answer).headers.get("Content-Type", "").partition(";")[0] != "text/event-stream":
            raise Mute

    def _taken(self, frame: Frame) -> Iterator[Event]:
        if frame.retry is not None and frame.event == "bye":
            self._retry_seconds = frame.retry / 1000
        if frame.event == "end":
            raise Ended(str(_object(frame).get("reason", "")))
        if frame.event == "reset" and frame.id is not None:
            self._reset(frame.id)
        if frame.id is None and frame.event in WHISPERS and self._whispered is not None:
            self._whispered(frame.event, _object(frame))
        if frame.id is None or frame.id <= self.cursor:
            return
        if frame.event not in {None, "heartbeat"}:
            yield _object(frame)
        self.cursor = frame.id

    def _reset(self, head: int) -> None:
        self.cursor = head
        self._notify(self.link or Link.LIVE, f"the service was set back, to a backup maybe: following from {head} on")

    def _retry(self) -> float:
        """Where it was sent away it comes back when it was told to; else soon."""
        told, self._retry_seconds = self._retry_seconds, None
        return random.uniform(0.1, 0.6) if told is None else told

    # The long poll

    def _polled(self) -> Iterator[Event]:
        polled = self._poll(self.cursor, WAIT_SECONDS)
        self._heard(Link.POLLING)
        if polled["cursor"] < self.cursor:
            self._reset(polled["cursor"])
        for event in polled["events"]:
            if event["id"] > self.cursor:
                yield event
                self.cursor = event["id"]
        self.cursor = polled["cursor"]

    def _poll(self, after: int | None, wait: int) -> Any:
        query = [*self._query, ("wait", wait), *([] if after is None else [("after", after)])]
        timeout = httpx.Timeout(ANSWER_SECONDS, read=wait + ANSWER_SECONDS)
        polled = self._client.call("GET", self._where, params=query, timeout=timeout)
        if not isinstance(polled, dict) or not {"events", "cursor"} <= polled.keys():
            raise Failure(f"{self._client.url} does not answer as a chat service does: is the address right?")
        return polled

    # The link

    def _fall_back(self) -> None:
        self._polls_until = time.monotonic() + self._polls_for
        self._polls_for = min(self._polls_for * 2, STREAM_AGAIN_SECONDS[1])
        if self.link is not Link.POLLING:
            self.link = Link.POLLING
            self._notify(self.link, "the stream stays mute: falling back to the long poll")

    def _heard(self, link: Link) -> None:
        self._failures = 0
        if self.link is link:
            return
        if link is Link.LIVE:
            self._polls_for = STREAM_AGAIN_SECONDS[0]
        if self.link is not None:
            self._notify(link, f"connected again ({link.value})")
        self.link = link

    def _pause(self, away: Unreachable) -> None:
        """Says so when somebody would notice: a stream that is back at once is nobody's business."""
        seconds = pause_after(away, self._failures)
        self._failures += 1
        if self.link is not Link.AWAY and (self._failures > 1 or seconds > 1):
            self.link = Link.AWAY
            self._notify(self.link, f"{away.message}: trying again")
        time.sleep(seconds)


def heartbeat_seconds() -> float | None:
    """CHAT_HEARTBEAT, for a service whose own is not the usual one."""
    given = os.environ.get("CHAT_HEARTBEAT", "")
    try:
        return max(0.1, float(given)) if given else None
    except ValueError:
        raise Failure(f"CHAT_HEARTBEAT is a number of seconds, not {given!r}") from None


SIGN_IN_AGAIN = frozenset({"signed_out", "over", "password_changed"})  # "over": a 204 instead of a stream, which names no reason
NO_FAILURE = frozenset({"room_closed", "left"})


def reason_in_words(reason: str) -> Failure | None:
    """What an end means to whoever followed: nothing went wrong where a room closed, or one left it oneself."""
    if reason in SIGN_IN_AGAIN:
        return NotSignedIn("this session was ended: chat signin NAME")
    return Failure(f"the service ended this: {reason}") if reason not in NO_FAILURE else None


def _object(frame: Frame) -> Event:
    """A frame's data, where it is a JSON object; else nothing."""
    try:
        value = frame.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _until_mute(answer: httpx.Response) -> Iterator[bytes]:
    """Raises Mute where no byte came for as long as the request says."""
    try:
        yield from answer.iter_raw()
    except httpx.ReadTimeout:
        raise Mute from None


@contextmanager
def _transport_errors_of(client: Client) -> Iterator[None]:
    try:
        yield
    except httpx.TransportError as error:
        raise client.unreachable(error) from None
