"""A client that keeps listening: a thread that reads a stream and resumes from its cursor when the stream ends."""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from tests.harness.frames import Frame
from tests.harness.people import Person
from tests.harness.streams import EventStream, StreamEnded

AGAIN_SECONDS = 0.05  # before the next try after a failure
SILENCE_SECONDS = 20.0  # heartbeats come every second: a longer silence means a broken stream


class Listener:
    """`events` are the log events that it received, in order of arrival. `byes` are the retry times that the server sent at the end."""

    def __init__(self, person: Person, path: str) -> None:
        self.events: list[dict[str, Any]] = []
        self.byes: list[int | None] = []
        self.ends: list[Frame] = []
        self.cursor: int | None = None
        self.streams = 0
        self._person = person
        self._path = path
        self._stream: EventStream | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def ids(self) -> list[int]:
        return [event["id"] for event in self.events]

    @property
    def texts(self) -> list[str]:
        return [event["text"] for event in self.events if event["kind"] == "message"]

    def reached(self, event_id: int) -> bool:
        return self.cursor is not None and self.cursor >= event_id

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                with self._person.stream(self._path, self.cursor) as self._stream:
                    self._read(self._stream)
            except (StreamEnded, OSError):
                self._over.wait(AGAIN_SECONDS)

    def _read(self, stream: EventStream) -> None:
        first = True
        while not self._over.is_set():
            frame = stream.next_frame(SILENCE_SECONDS)
            self.streams += first
            first = False
            self._take(frame)

    def _take(self, frame: Frame) -> None:
        if frame.event == "bye":
            self.byes.append(frame.retry)
        elif frame.event == "end":
            self.ends.append(frame)
        elif frame.id is not None and frame.event not in (None, "heartbeat"):
            self.events.append(frame.json())
        self.cursor = self.cursor if frame.id is None else frame.id

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        if self._stream is not None:
            with suppress(OSError):  # it has just ended by itself
                self._stream.socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(SILENCE_SECONDS + 5)
