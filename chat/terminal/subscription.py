"""A subscription yields each event once and in order, over drops, deploys and proxies that hold streams back.

It uses Server-Sent Events. If a stream stays mute it polls from the same cursor, and tries a stream again later."""

import enum
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing

from chat.audit.sse_parser import Frame
from chat.terminal.client import Client, retry_delay
from chat.terminal.errors import Failure, Unreachable
from chat.terminal.rendering import Event
from chat.terminal.transports import StreamMute, SubscriptionEnded, Transports

HEARTBEAT_SECONDS = 15.0  # the service's default
MUTE_HEARTBEATS = 2.5  # a stream is mute after so many missing heartbeats
POLL_WAIT_SECONDS = 25  # less than the 30 s that PaaS routers allow
POLLING_SECONDS = (60.0, 600.0)  # until a stream is tried again: at first, and at most
SIGNALS = frozenset({"typing", "presence"})


class ConnectionState(enum.Enum):
    LIVE = "live"
    POLLING = "long poll"
    RECONNECTING = "reconnecting"


OnState = Callable[[ConnectionState, str], None]
OnSignal = Callable[[str, Event], None]


class Subscription:
    """`path` is any of the service's subscribe addresses. on_state is called when the state changes, with the reason.

    on_signal is called with the kind and the data of a signal; signals come over a stream only, and have no id."""

    def __init__(
        self,
        client: Client,
        path: str,
        on_state: OnState,
        rooms: tuple[object, ...] = (),
        heartbeat: float | None = None,
        on_signal: OnSignal | None = None,
    ) -> None:
        self.cursor = 0
        self.state: ConnectionState | None = None
        self._transports = Transports(client, path, rooms, MUTE_HEARTBEATS * (heartbeat or HEARTBEAT_SECONDS))
        self._on_state = on_state
        self._on_signal = on_signal
        self._failures = 0
        self._retry_seconds: float | None = None  # that the service asked for with `bye`
        self._polling_seconds = POLLING_SECONDS[0]
        self._polls_until = 0.0

    def begin(self, since: int | None = None) -> None:
        """Sets the cursor before the first stream: no event after this moment is missed. Raises Failure."""
        newest = self._transports.poll(None, 0)["cursor"]
        self.cursor = int(newest) if since is None else since

    def events(self) -> Iterator[Event]:
        """Endless. Raises SubscriptionEnded, or a Failure that a retry would not change."""
        while True:
            try:
                yield from self._poll() if time.monotonic() < self._polls_until else self._stream()
            except StreamMute:
                self._fall_back()
            except Unreachable as failure:
                self._pause(failure)

    def _stream(self) -> Iterator[Event]:
        with closing(self._transports.stream(self.cursor)) as frames:
            for frame in frames:
                self._connected(ConnectionState.LIVE)
                yield from self._handle(frame)
        seconds, self._retry_seconds = self._retry_seconds, None
        raise Unreachable("the connection was lost", retry_after=random.uniform(0.1, 0.6) if seconds is None else seconds)

    def _handle(self, frame: Frame) -> Iterator[Event]:
        if frame.retry is not None and frame.event == "bye":
            self._retry_seconds = frame.retry / 1000
        if frame.event == "end":
            raise SubscriptionEnded(str(_data(frame).get("reason", "")))
        if frame.event == "reset" and frame.id is not None:
            self._reset(frame.id)
        if frame.id is None and frame.event in SIGNALS and self._on_signal is not None:
            self._on_signal(frame.event, _data(frame))
        if frame.id is None or frame.id <= self.cursor:
            return
        if frame.event not in {None, "heartbeat"}:
            yield _data(frame)
        self.cursor = frame.id

    def _poll(self) -> Iterator[Event]:
        answer = self._transports.poll(self.cursor, POLL_WAIT_SECONDS)
        self._connected(ConnectionState.POLLING)
        if answer["cursor"] < self.cursor:
            self._reset(answer["cursor"])
        for event in answer["events"]:
            if event["id"] > self.cursor:
                yield event
                self.cursor = event["id"]
        self.cursor = answer["cursor"]

    def _reset(self, head: int) -> None:
        self.cursor = head
        self._on_state(self.state or ConnectionState.LIVE, f"the service was set back, perhaps to a backup: following from {head} on")

    def _connected(self, state: ConnectionState) -> None:
        self._failures = 0
        if self.state is state:
            return
        if state is ConnectionState.LIVE:
            self._polling_seconds = POLLING_SECONDS[0]
        if self.state is not None:
            self._on_state(state, f"connected again ({state.value})")
        self.state = state

    def _fall_back(self) -> None:
        self._polls_until = time.monotonic() + self._polling_seconds
        self._polling_seconds = min(self._polling_seconds * 2, POLLING_SECONDS[1])
        if self.state is not ConnectionState.POLLING:
            self.state = ConnectionState.POLLING
            self._on_state(self.state, "the stream stays mute: falling back to the long poll")

    def _pause(self, failure: Unreachable) -> None:
        """Reports only an interruption that a person would notice: the second failure, or a pause of more than a second."""
        seconds = retry_delay(failure, self._failures)
        self._failures += 1
        if self.state is not ConnectionState.RECONNECTING and (self._failures > 1 or seconds > 1):
            self.state = ConnectionState.RECONNECTING
            self._on_state(self.state, f"{failure.message}: trying again")
        time.sleep(seconds)


def heartbeat_seconds() -> float | None:
    """CHAT_HEARTBEAT, for a service with another heartbeat than the default. Raises Failure."""
    text = os.environ.get("CHAT_HEARTBEAT", "")
    try:
        return max(0.1, float(text)) if text else None
    except ValueError:
        raise Failure(f"CHAT_HEARTBEAT is a number of seconds, not {text!r}") from None


def _data(frame: Frame) -> Event:
    """A frame's data if it is a JSON object, else {}."""
    try:
        value = frame.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
