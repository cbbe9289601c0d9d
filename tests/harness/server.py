"""A real gunicorn, started as an operator starts it, with handles on its workers so that tests can kill and stop them."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import psutil

from tests.harness import http_client
from tests.harness.deadline import eventually
from tests.harness.environment import product_environment
from tests.harness.processes import is_alive

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 30.0
STOP_SECONDS = 30.0
RELOAD_SECONDS = 45.0
PROBE_SECONDS = 4.0  # /readyz may take three
SHOWN_LINES = 80


class ServerEnded(Exception):
    """gunicorn has ended. The message is its last lines."""


class Server:
    """One gunicorn master with its workers, from `start` to `stop`. Its output goes to a file, uploads go to the folder `files`."""

    def __init__(
        self,
        database_url: str,
        redis_url: str,
        workers: int = 2,
        settings: Mapping[str, str] | None = None,
        wsgi: str = "wsgi:app",
        root: Path = ROOT,
    ) -> None:
        self.database_url = database_url
        self.redis_url = redis_url
        self.workers = workers
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        admin_bind = f"127.0.0.1:{free_port()}"
        self.admin_url = f"http://{admin_bind}"
        self._wsgi = wsgi
        self._root = root
        self._files = tempfile.TemporaryDirectory(prefix="chat-files-")
        self.files = Path(self._files.name)
        own = {"HOST": "127.0.0.1", "PORT": str(self.port), "ADMIN_BIND": admin_bind, "WEB_CONCURRENCY": str(workers)}
        self._settings = {**own, "FILES_URL": self._files.name, **(settings or {})}
        self._log = tempfile.NamedTemporaryFile(prefix="chat-gunicorn-", suffix=".log")  # noqa: SIM115 - open as long as the server
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        self.launch()
        try:
            self.wait_until_whole()
        except (AssertionError, ServerEnded):
            self._kill_all()
            raise
        return self

    def launch(self) -> None:
        """Starts it, and waits for nothing."""
        command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", self._wsgi]
        environment = product_environment(self.database_url, self.redis_url, self._settings)
        self._process = subprocess.Popen(
            command, cwd=self._root, env=environment, stdout=self._log, stderr=subprocess.STDOUT, start_new_session=True
        )

    def wait_until_whole(self) -> None:
        """Waits until all workers run and are ready."""
        self._wait(lambda: self.is_ready() and self._each_is_ready(), READY_SECONDS)

    def stop(self) -> None:
        """Stops it as a PaaS does: SIGTERM to the master, which lets its workers finish."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        finally:
            self._kill_all()
            self._process = None

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def exit_code(self) -> int:
        """Of a master that has ended."""
        assert self._process is not None and self._process.poll() is not None, "it runs"
        return int(self._process.returncode)

    def is_ready(self) -> bool:
        """The readiness check of a router."""
        if not self.is_running():
            raise ServerEnded(self.last_lines())
        try:
            return http_client.get(f"{self.url}/readyz", timeout=PROBE_SECONDS).status_code == 200
        except httpx.TransportError:
            return False

    def _each_is_ready(self) -> bool:
        """Any one worker answers /readyz, so this reads the line that each prints once it is ready."""
        ready = {int(pid) for pid in re.findall(r"Worker ready with pid: (\d+)", self.log())}
        pids = self.worker_pids()
        return len(pids) == self.workers and ready >= set(pids)

    def worker_pids(self) -> list[int]:
        return [child.pid for child in psutil.Process(self._master).children() if is_alive(child)]

    def kill_worker(self, pid: int) -> None:
        """Returns when it is gone, so that `wait_until_whole` does not count it."""
        os.kill(pid, signal.SIGKILL)
        self._wait(lambda: pid not in self.worker_pids(), READY_SECONDS)

    def reload(self, within: float = RELOAD_SECONDS) -> None:
        """Reloads by SIGHUP, as a deploy does. Returns when the old workers are gone and the new ones answer."""
        old = set(self.worker_pids())
        self.hang_up()
        self._wait(lambda: not old & set(self.worker_pids()), within)
        self.wait_until_whole()

    def hang_up(self) -> None:
        os.kill(self._master, signal.SIGHUP)

    def log(self) -> str:
        """Its whole output so far."""
        return Path(self._log.name).read_text(errors="replace")

    def last_lines(self) -> str:
        return "\n".join(self.log().splitlines()[-SHOWN_LINES:])

    @property
    def _master(self) -> int:
        assert self._process is not None, "the server is not started"
        return self._process.pid

    def _wait(self, check: Callable[[], object], within: float) -> None:
        try:
            eventually(check, within)
        except AssertionError as late:
            late.add_note(self.last_lines())
            raise

    def _kill_all(self) -> None:
        """Kills the process group, so that no worker outlives the test even if the master has ended."""
        assert self._process is not None
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
