"""The service under test: gunicorn with two workers, as an operator starts it, with handles on its processes."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic

import httpx

from chat.embedded.child_process import spawn
from faults.processes import children, free_port, wait_for

ROOT = Path(__file__).parent.parent
START_SECONDS = 60.0
STOP_SECONDS = 40.0
PROBE_SECONDS = 5.0
HEARTBEAT_SECONDS = 2.0
SHOWN_CHARACTERS = 3000


class NotServing(Exception):
    """The service did not come up: its last lines."""


class Service:
    """One gunicorn master with its workers. limits: of RLIMIT_NOFILE and the like, for all of its processes."""

    def __init__(
        self,
        folder: Path,
        database_url: str,
        redis_url: str,
        settings: Mapping[str, str] | None = None,
        wsgi: str = "wsgi:app",
        limits: Mapping[int, int] | None = None,
    ) -> None:
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.address}"
        self.log = folder / "gunicorn.log"
        self.files = folder / "files"
        self._wsgi = wsgi
        self.limits = dict(limits or {})
        self._groups: list[int] = []
        self._process: subprocess.Popen[bytes] | None = None
        self.environment = environment(
            {
                "DATABASE_URL": database_url,
                "REDIS_URL": redis_url,
                "HOST": "127.0.0.1",
                "PORT": str(self.port),
                "WEB_CONCURRENCY": "2",
                "FILES_URL": str(self.files),
                **(settings or {}),
            }
        )

    def start(self) -> None:
        """Returns when it is ready. Raises NotServing."""
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        self.files.mkdir(exist_ok=True)
        before = {what: resource.getrlimit(what) for what in self.limits}
        for what, value in self.limits.items():
            resource.setrlimit(what, (value, before[what][1]))
        try:
            with self.log.open("ab") as log:
                self._process = spawn(
                    [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", self._wsgi],
                    parent_death_signal=signal.SIGKILL,
                    folder=ROOT,
                    environment=self.environment,
                    output=log,
                )
            self._groups.append(self._process.pid)
        finally:
            for what, limit in before.items():
                resource.setrlimit(what, limit)

    def wait_until_ready(self, within: float = START_SECONDS) -> None:
        wait_for(self._is_ready, within, "a service that is ready")
        wait_for(lambda: len(self.workers()) >= 2, within, "two workers")

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        self.kill_all()

    def kill_all(self) -> None:
        """No worker outlives the run: all share the group of the master that started them."""
        for group in self._groups:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGCONT)
                os.killpg(group, signal.SIGKILL)
        self._groups = []
        if self._process is not None:
            self._process.wait()
            self._process = None

    def supervise(self, within: float) -> None:
        """Starts a master again and again until one stays, as a supervisor does."""
        end = monotonic() + within
        while monotonic() < end:
            assert self._process is not None
            self._process.wait()
            self.launch()
            try:
                self.wait_until_ready(end - monotonic())
            except NotServing:
                continue
            return

    @property
    def master(self) -> int:
        assert self._process is not None, "start it first"
        return self._process.pid

    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def workers(self) -> list[int]:
        return sorted(children(self.master)) if self.running() else []

    def log_text(self) -> str:
        return self.log.read_text(errors="replace")

    def last_lines(self) -> str:
        return self.log_text()[-SHOWN_CHARACTERS:]

    def last_line(self) -> str:
        return (self.log_text().strip().splitlines() or [""])[-1]

    def command(self, *arguments: str) -> None:
        """A `flask` command on its database."""
        flask(self.environment, *arguments)

    def _is_ready(self) -> bool:
        if not self.running():
            raise NotServing(self.last_lines())
        try:
            return httpx.get(f"{self.url}/readyz", timeout=PROBE_SECONDS, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Nothing of the caller's own settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV") if name in os.environ}
    own = {"PYTHONUNBUFFERED": "1", "SECRET_KEY": "a key for faults", "METRICS_TOKEN": "metrics", "ADMIN_BIND": ""}
    return {**kept, **own, "HEARTBEAT_SECONDS": f"{HEARTBEAT_SECONDS:g}", **settings}


def flask(surroundings: Mapping[str, str], *arguments: str) -> None:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    ended = subprocess.run(command, cwd=ROOT, env=dict(surroundings), capture_output=True, timeout=120, check=False)
    if ended.returncode:
        raise NotServing(f"flask {' '.join(arguments)}: {ended.stderr.decode(errors='replace')[-SHOWN_CHARACTERS:]}")
