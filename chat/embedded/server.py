"""What the two servers have in common: start and wait until it answers, stop in order, be killed, say where it is.

A server may be started again after it has stopped or died, at the same address."""

import re
import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path

from chat.embedded.account import Account, account_for
from chat.embedded.child import ENVIRONMENT, spawn
from chat.embedded.failure import CannotStart
from chat.embedded.folders import private_folder, socket_folder

START_SECONDS = 120  # PostgreSQL reads its write-ahead log again after a power cut, at most max_wal_size of it
STOP_SECONDS = 30
BETWEEN_LOOKS_SECONDS = 0.01
FULL_BYTES = 1024 * 1024  # with less than this even the reason does not fit into the log

REASON = re.compile("FATAL|PANIC|could not|No space left")


class Server(ABC):
    name: str
    orderly: signal.Signals  # asks it to finish what it does, and go
    at_once: signal.Signals  # asks it to go, with nothing lost that was promised

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        """`durable=False` is for tests: quicker; a killed server loses nothing by it, a machine without power everything."""
        self.folder = folder.absolute()
        self.durable = durable
        self._process: subprocess.Popen[bytes] | None = None
        self._sockets: Path | None = None
        self._served = False

    @property
    @abstractmethod
    def url(self) -> str: ...

    @property
    def pid(self) -> int:
        assert self._process, "start it first"
        return self._process.pid

    @property
    def sockets(self) -> Path:
        assert self._sockets, "start it first"
        return self._sockets

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Returns when it answers. Raises CannotStart."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        account = account_for(self.folder)
        private_folder(self.folder, account)
        self._sockets = socket_folder(self.folder, account)
        self._prepare(account)
        self._launch(account)
        self._served = True

    def stop(self) -> None:
        """In order; less politely when it does not go. Harmless when it is not running."""
        if self._process:
            _end(self._process, [(self.orderly, STOP_SECONDS), (self.at_once, STOP_SECONDS)])
        self._tidy()

    def kill(self) -> None:
        """As a power cut would."""
        assert self._process, "start it first"
        self._process.kill()
        self._process.wait()

    @abstractmethod
    def _prepare(self, account: Account | None) -> None: ...

    @abstractmethod
    def _command(self) -> list[str]: ...

    @abstractmethod
    def _answers(self) -> bool: ...

    def _working_folder(self) -> Path:
        return self.folder

    def _launch(self, account: Account | None) -> None:
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.before"))
        with self.log.open("wb") as log:
            self._process = spawn(
                self._command(),
                on_parents_death=self.at_once,
                account=account,
                folder=self._working_folder(),
                environment=ENVIRONMENT,
                output=log,
            )
        self._wait_until_it_answers(time.monotonic() + START_SECONDS)

    def _wait_until_it_answers(self, deadline: float) -> None:
        while not self._answers():
            if not self.running():
                raise CannotStart(f"{self.name} could not start: {self._last_words()}")
            if time.monotonic() > deadline:
                self.stop()
                raise CannotStart(f"{self.name} did not answer within {START_SECONDS} s: see {self.log}")
            time.sleep(BETWEEN_LOOKS_SECONDS)

    def _last_words(self) -> str:
        if shutil.disk_usage(self.folder).free < FULL_BYTES:
            return f"the disk is full in {self.folder}"
        lines = [line for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        reasons = [line for line in lines if REASON.search(line)]
        words = (reasons or lines or [f"it said nothing in {self.log}"])[-1]
        return words.rpartition(":  ")[2]

    def _tidy(self) -> None:
        """After a start that was refused, what lies there may belong to the server that runs."""
        if self._sockets in (None, self.folder) or not self.sockets.is_dir():
            return
        for left in self.sockets.iterdir() if self._served else ():
            left.unlink()
        if not any(self.sockets.iterdir()):
            self.sockets.rmdir()


def _end(process: subprocess.Popen[bytes], steps: list[tuple[signal.Signals, float]]) -> None:
    for sent, seconds in steps:
        process.send_signal(sent)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
        return
    process.kill()
    process.wait()
