"""An SSE client over a plain socket. It reads until a deadline, and moves its cursor as a browser does."""

import socket
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from tests.harness.deadline import Deadline
from tests.harness.frames import Frame, FrameParser
from tests.harness.wire import Exchange

READ_BYTES = 65536


class StreamEnded(Exception):
    """The service closed the stream before the expected frame."""


class EventStream:
    """One open response. `cursor` is the newest id that it received, from an event, the first frame or a heartbeat."""

    def __init__(self, url: str, target: str, headers: Mapping[str, str], within: float = 10.0) -> None:
        address = urlsplit(url)
        assert address.hostname and address.port, url
        named = {"Host": f"{address.hostname}:{address.port}", "Accept": "text/event-stream", **headers}
        self._exchange = Exchange("GET", target, named)
        self._parser = FrameParser()
        self._frames: list[Frame] = []
        self.body = b""
        self.cursor: int | None = None
        self.socket = socket.create_connection((address.hostname, address.port), timeout=within)
        self.socket.sendall(self._exchange.outgoing)
        self._read_head(Deadline(within))

    def _read_head(self, deadline: Deadline) -> None:
        while self._exchange.status is None and not self._exchange.finished:
            self._read(deadline)

    def _read(self, deadline: Deadline) -> None:
        self.socket.settimeout(deadline.remaining())
        body = self._exchange.feed(self.socket.recv(READ_BYTES))
        self.body += body
        self._frames += self._parser.feed(body)

    @property
    def status(self) -> int:
        assert self._exchange.status is not None, "the connection closed without an answer"
        return self._exchange.status

    @property
    def headers(self) -> dict[str, str]:
        return self._exchange.headers

    def next_frame(self, within: float = 10.0) -> Frame:
        """Returns the next frame of any kind. Raises TimeoutError past the deadline, StreamEnded at the stream's end."""
        deadline = Deadline(within)
        while not self._frames:
            if self._exchange.finished:
                raise StreamEnded(f"status {self._exchange.status}, after {self.body[-300:]!r}")
            self._read(deadline)
        frame = self._frames.pop(0)
        self.cursor = self.cursor if frame.id is None else frame.id
        return frame

    def until(self, wanted: Callable[[Frame], bool], within: float = 10.0) -> list[Frame]:
        """Returns all frames up to the first wanted one, with it."""
        deadline = Deadline(within)
        frames = [self.next_frame(deadline.remaining())]
        while not wanted(frames[-1]):
            frames.append(self.next_frame(deadline.remaining()))
        return frames

    def next_message(self, within: float = 10.0) -> dict[str, Any]:
        """Returns the next message, past heartbeats and other frames."""
        message: dict[str, Any] = self.until(lambda frame: frame.is_message, within)[-1].json()
        return message

    def messages_until(self, text: str, within: float = 10.0) -> list[str]:
        """Returns the texts of all messages up to `text`, with it, which proves that no other came before."""
        frames = self.until(lambda frame: frame.is_message and frame.json()["text"] == text, within)
        return [frame.json()["text"] for frame in frames if frame.is_message]

    def messages_through(self, event_id: int, within: float = 10.0) -> list[str]:
        """Returns the texts of all messages until the cursor reaches `event_id`, which proves silence."""
        frames = self.until(lambda frame: (frame.id or 0) >= event_id, within)
        return [frame.json()["text"] for frame in frames if frame.is_message]

    def until_closed(self, within: float = 10.0) -> list[Frame]:
        """Returns all frames up to the stream's end, which must come within the deadline."""
        frames: list[Frame] = []
        deadline = Deadline(within)
        while True:
            try:
                frames.append(self.next_frame(deadline.remaining()))
            except (StreamEnded, ConnectionResetError):
                return frames

    def close(self) -> None:
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def opened(stream: EventStream) -> EventStream:
    """Returns the stream once it is registered: its first id has come, so later posts arrive live."""
    assert stream.status == 200, stream.status
    stream.until(lambda frame: frame.id is not None)
    return stream
