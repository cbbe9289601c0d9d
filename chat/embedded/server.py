"""The base class of the two embedded servers: start and wait until ready, stop, kill, address.

A server may be started again at the same address after it has stopped or died."""

import re
import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path

from chat.embedded.child_process import ENVIRONMENT, end, spawn
from chat.embedded.errors import CannotStart
from chat.embedded.folders import find_socket_folder, make_private_folder
from chat.embedded.unix_user import UnixUser, user_for

START_SECONDS = 120  # after a power cut PostgreSQL replays its write-ahead log, at most max_wal_size of it
STOP_SECONDS = 30
POLL_SECONDS = 0.01
FULL_BYTES = 1024 * 1024  # with less free space than this, the log may not even hold the reason

REASON = re.compile("FATAL|PANIC|could not|No space left")


class Server(ABC):
    name: str
    graceful_signal: signal.Signals  # asks it to finish its work and end
    immediate_signal: signal.Signals  # ends it at once without losing a commit

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        """`durable=False` is faster, for tests: a killed server loses nothing, a power cut loses everything."""
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
        """Returns when the server is ready. Raises CannotStart."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        user = user_for(self.folder)
        make_private_folder(self.folder, user)
        self._sockets = find_socket_folder(self.folder, user)
        self._prepare(user)
        self._launch(user)
        self._served = True

    def stop(self) -> None:
        """Stops gracefully, then immediately, then by SIGKILL. Does nothing if the server is not running."""
        if self._process:
            end(self._process, (self.graceful_signal, STOP_SECONDS), (self.immediate_signal, STOP_SECONDS))
        self._remove_sockets()

    def kill(self) -> None:
        """Ends the server as a power cut would."""
        assert self._process, "start it first"
        self._process.kill()
        self._process.wait()

    @abstractmethod
    def _prepare(self, user: UnixUser | None) -> None: ...

    @abstractmethod
    def _command(self) -> list[str]: ...

    @abstractmethod
    def _is_ready(self) -> bool: ...

    def _working_folder(self) -> Path:
        return self.folder

    def _launch(self, user: UnixUser | None) -> None:
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.before"))
        with self.log.open("wb") as log:
            self._process = spawn(
                self._command(),
                parent_death_signal=self.immediate_signal,
                user=user,
                folder=self._working_folder(),
                environment=ENVIRONMENT,
                output=log,
            )
        self._wait_until_ready(time.monotonic() + START_SECONDS)

    def _wait_until_ready(self, deadline: float) -> None:
        while not self._is_ready():
            if not self.running():
                raise CannotStart(f"{self.name} could not start: {self._failure_reason()}")
            if time.monotonic() > deadline:
                self.stop()
                raise CannotStart(f"{self.name} did not answer within {START_SECONDS} s: see {self.log}")
            time.sleep(POLL_SECONDS)

    def _failure_reason(self) -> str:
        if shutil.disk_usage(self.folder).free < FULL_BYTES:
            return f"the disk is full in {self.folder}"
        lines = [line for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        reasons = [line for line in lines if REASON.search(line)]
        reason = (reasons or lines or [f"its log {self.log} is empty"])[-1]
        return reason.rpartition(":  ")[2]

    def _remove_sockets(self) -> None:
        """Keeps the files after a start that failed: they may belong to a server that is running."""
        if self._sockets in (None, self.folder) or not self.sockets.is_dir():
            return
        for file in self.sockets.iterdir() if self._served else ():
            file.unlink()
        if not any(self.sockets.iterdir()):
            self.sockets.rmdir()
