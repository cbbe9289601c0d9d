"""A parser of Server-Sent Events after the HTML standard ("interpreting an event stream")."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Frame:
    """One frame, which ends at a blank line. A missing field is None."""

    id: int | None = None
    event: str | None = None
    data: str | None = None
    retry: int | None = None

    @property
    def is_message(self) -> bool:
        return self.event == "message"

    def json(self) -> Any:
        """Raises ValueError if the data is missing or no JSON."""
        return json.loads(self.data or "")


class FrameParser:
    """Bytes in, whole frames out. A frame that the connection's end cuts off is discarded, as the standard says."""

    def __init__(self) -> None:
        self._rest = b""
        self._lines: list[str] = []

    def feed(self, data: bytes) -> list[Frame]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        frames = []
        for line in lines:
            if text := line.rstrip(b"\r").decode(errors="replace"):
                self._lines.append(text)
            elif self._lines:
                frames.append(_frame(self._lines))
                self._lines = []
        return frames


def _frame(lines: list[str]) -> Frame:
    frame = Frame()
    for line in lines:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            frame.data = value if frame.data is None else f"{frame.data}\n{value}"
        elif name == "event":
            frame.event = value
        elif name in {"id", "retry"} and value.isascii() and value.isdigit():
            setattr(frame, name, int(value))
    return frame
