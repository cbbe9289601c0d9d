"""A person at a terminal: the command runs on a pseudo-terminal, its bytes go to a terminal emulator, and a test reads the screen."""

import signal
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pexpect
import pyte

from tests.harness.deadline import eventually

READ_BYTES = 65536
CLOSE_SECONDS = 20.0
KEYS = {"enter": "\r", "tab": "\t", "ctrl-c": "\x03", "ctrl-d": "\x04", "pageup": "\x1b[5~", "pagedown": "\x1b[6~", "end": "\x1b[F"}


class Screen:
    """What somebody sees of one command, in so many columns and rows; `raw` is all that the command ever wrote."""

    def __init__(self, command: list[str], environment: Mapping[str, str], folder: Path, columns: int = 90, rows: int = 24) -> None:
        self.emulated = pyte.Screen(columns, rows)
        self.raw = b""
        self._stream = pyte.ByteStream(self.emulated)
        self._process = pexpect.spawn(
            command[0],
            command[1:],
            cwd=str(folder),
            env={**environment, "TERM": "xterm-256color"},
            dimensions=(rows, columns),
            timeout=CLOSE_SECONDS,
        )
        self._process.delaybeforesend = None

    @property
    def lines(self) -> list[str]:
        self._read()
        return [line.rstrip() for line in self.emulated.display]

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip("\n")

    def wait_for(self, expected: str, within: float = 15.0) -> str:
        """Waits until the text is on the screen, and returns the screen."""

        def shown() -> str:
            assert expected in self.text, f"{expected!r} is not on the screen:\n{self.text}"
            return self.text

        return eventually(shown, within)

    def wait_until_gone(self, unwanted: str, within: float = 15.0) -> str:
        def gone() -> str:
            assert unwanted not in self.text, f"{unwanted!r} is still on the screen:\n{self.text}"
            return self.text or " "

        return eventually(gone, within)

    def type_text(self, text: str) -> None:
        self._process.send(text)

    def press(self, key: str) -> None:
        self._process.send(KEYS[key])

    def resize(self, columns: int, rows: int) -> None:
        self.emulated.resize(rows, columns)
        self._process.setwinsize(rows, columns)

    def exit_code(self, within: float = CLOSE_SECONDS) -> int:
        """Once the command has ended by itself; a signal is told as a shell tells it."""

        def over() -> bool:
            self._read()
            return not self._process.isalive()

        try:
            eventually(over, within)
        except AssertionError as late:
            late.add_note("\n".join(["the screen:", *self.lines]))
            raise
        self._read()
        code, number = self._process.exitstatus, self._process.signalstatus
        assert code is not None or number is not None, "it has ended"
        return code if code is not None else 128 + (number or 0)

    def colour_at(self, text: str) -> str:
        """The colour in which the first character of `text` is drawn."""
        row = next(number for number, line in enumerate(self.lines) if text in line)
        return str(self.emulated.buffer[row][self.lines[row].index(text)].fg)

    def _read(self) -> None:
        try:
            while True:
                data: Any = self._process.read_nonblocking(READ_BYTES, timeout=0)
                self.raw += data
                self._stream.feed(data)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return

    def close(self) -> None:
        if self._process.isalive():
            self._process.kill(signal.SIGKILL)
        self._process.close(force=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
