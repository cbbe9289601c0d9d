"""A person at a shell: the command line as a process of its own, with a home folder of the test's and nothing of the tester's settings."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from tests.harness.deadline import eventually
from tests.harness.environment import HEARTBEAT_SECONDS
from tests.harness.people import Person
from tests.harness.server import ROOT
from tests.harness.terminal_screen import Screen

COMMAND = [sys.executable, "-P", "-m", "chat.terminal"]
ENDS_SECONDS = 30.0


@dataclass(frozen=True)
class CommandResult:
    """A command's exit code and output."""

    code: int
    out: str
    err: str


class Shell:
    """`url` is the server of its commands, `token` the session of their user, if there is one."""

    def __init__(self, home: Path, url: str, token: str = "", command: Sequence[str] = COMMAND, **more: str) -> None:
        home.mkdir(exist_ok=True)
        self.home = home
        self.config = home / "config" / "chat" / "config.json"
        self._command = list(command)
        self.environment = {
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "CHAT_HEARTBEAT": HEARTBEAT_SECONDS,
            "CHAT_URL": url,
            "CHAT_TOKEN": token,
            **more,
        }

    @classmethod
    def of(cls, person: Person, home: Path, **more: str) -> Self:
        """The shell of a person who is signed in."""
        return cls(home / person.name, str(person.http.base_url), person.token, **more)

    def run(self, *arguments: object, stdin: str | bytes = b"") -> CommandResult:
        process = subprocess.run(
            self.line(*arguments),
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            cwd=self.home,
            env=self.environment,
            capture_output=True,
            timeout=ENDS_SECONDS,
            check=False,
        )
        return CommandResult(process.returncode, process.stdout.decode(), process.stderr.decode())

    def output(self, *arguments: object, stdin: str | bytes = b"") -> str:
        """Runs a command that must succeed, and returns its standard output."""
        result = self.run(*arguments, stdin=stdin)
        assert result.code == 0, result
        return result.out

    def json(self, *arguments: object) -> Any:
        return json.loads(self.output(*arguments, "--json"))

    def error(self, code: int, *arguments: object, stdin: str | bytes = b"") -> str:
        """Runs a command that must fail with this code, and returns its one line of standard error."""
        result = self.run(*arguments, stdin=stdin)
        assert result.code == code, result
        assert result.out == "", result
        assert result.err.startswith("chat: ") and result.err.count("\n") == 1, result
        return result.err

    def screen(self, *arguments: object, columns: int = 90, rows: int = 24) -> Screen:
        return Screen(self.line(*arguments), self.environment, self.home, columns, rows)

    def tail(self, *arguments: object) -> "TailProcess":
        return TailProcess(self.line("tail", *arguments), self)

    def line(self, *arguments: object) -> list[str]:
        return [*self._command, *map(str, arguments)]


class TailProcess:
    """A running `tail`, with its lines as they come."""

    def __init__(self, line: list[str], shell: Shell) -> None:
        self.out: list[str] = []
        self.err: list[str] = []
        self._process = subprocess.Popen(
            line, cwd=shell.home, env=shell.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None and self._process.stderr is not None
        self._threads = [_reader(self._process.stdout, self.out), _reader(self._process.stderr, self.err)]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in list(self.out)]

    @property
    def texts(self) -> list[str]:
        return [event["text"] for event in self.events if event["kind"] == "message"]

    def wait_for(self, text: str, within: float = 20.0) -> None:
        """Waits until a line of its output contains the text."""
        eventually(lambda: any(text in line for line in list(self.out)), within)

    def wait_for_remark(self, text: str, within: float = 20.0) -> None:
        eventually(lambda: any(text in line for line in list(self.err)), within)

    def interrupt(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def exit_code(self) -> int:
        code = self._process.wait(ENDS_SECONDS)
        for thread in self._threads:
            thread.join(ENDS_SECONDS)
        return code

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.kill()
        self.exit_code()
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()


def _reader(pipe: IO[str], lines: list[str]) -> threading.Thread:
    def read() -> None:
        for line in pipe:
            lines.append(line)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread
