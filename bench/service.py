"""The service under test: a durable PostgreSQL, a Valkey, and gunicorn with two workers, all in one temporary folder.
Or a service that runs already."""

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg2

from bench.people import plain_url
from bench.processes import children, descendants
from chat.embedded import Postgres, Valkey

ROOT = Path(__file__).parent.parent
START_SECONDS = 30.0
LOG_CHARACTERS = 4_000


class NotServing(Exception):
    """The server did not start, or does not commit durably. The message says why."""


@dataclass(frozen=True)
class Service:
    """A running service. Without a database URL users sign up one by one. Without a pid its memory is unknown."""

    url: str
    database_url: str = ""
    secret_key: str = ""
    master: int = 0
    databases: tuple[int, ...] = ()
    log: Path | None = None

    def workers(self) -> list[int]:
        return children(self.master) if self.master else []

    def database_processes(self) -> list[int]:
        return [pid for top in self.databases for pid in [top, *descendants(top)]]

    def last_words(self) -> str:
        return self.log.read_text()[-LOG_CHARACTERS:] if self.log else ""

    def address(self) -> tuple[str, int]:
        """The host as an IPv4 address, for raw sockets."""
        url = httpx.URL(self.url)
        return socket.gethostbyname(url.host), url.port or 80


@contextmanager
def running_service(folder: Path, workers: int) -> Iterator[Service]:
    """Starts both databases and gunicorn, and stops them at the end."""
    postgres, valkey = Postgres(folder / "postgres", durable=True), Valkey(folder / "valkey")
    try:
        postgres.start()
        valkey.start()
        _refuse_if_not_durable(postgres.url)
        environ = _environ(postgres.url, valkey.url, folder, workers)
        with _gunicorn(environ, folder / "gunicorn.log") as master:
            url, key = f"http://127.0.0.1:{environ['PORT']}", environ["SECRET_KEY"]
            yield Service(url, postgres.url, key, master, (postgres.pid, valkey.pid), folder / "gunicorn.log")
    finally:
        valkey.stop()
        postgres.stop()


def _refuse_if_not_durable(database_url: str) -> None:
    """A rate of posts means nothing if a power cut could lose them."""
    connection = psycopg2.connect(plain_url(database_url))
    with connection, connection.cursor() as cursor:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            cursor.execute(f"SHOW {setting}")
            if (row := cursor.fetchone()) != ("on",):
                raise NotServing(f"PostgreSQL runs with {setting} = {row and row[0]}")
    connection.close()


def _environ(database_url: str, redis_url: str, folder: Path, workers: int) -> dict[str, str]:
    chosen = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "PORT": str(_free_port()), "ADMIN_BIND": ""}
    return os.environ | chosen | {"WEB_CONCURRENCY": str(workers), "SECRET_KEY": secrets.token_hex(32), "CHAT_DATA": str(folder)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _gunicorn(environ: dict[str, str], log: Path) -> Iterator[int]:
    python = [sys.executable, "-m"]
    subprocess.run([*python, "flask", "--app", "wsgi", "init-db"], cwd=ROOT, env=environ, check=True, stdout=subprocess.DEVNULL)
    with log.open("w") as output:
        command = [*python, "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]
        master = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=output, stderr=output)
    try:
        _wait_until_ready(f"http://127.0.0.1:{environ['PORT']}", master, log)
        yield master.pid
    finally:
        master.terminate()
        master.wait(60)


def _wait_until_ready(url: str, master: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and master.poll() is None:
        if _is_ready(url):
            return
        time.sleep(0.1)
    raise NotServing(log.read_text()[-LOG_CHARACTERS:])


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False
