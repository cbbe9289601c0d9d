"""A PostgreSQL of our own: made on the first start, found as it was on every other, after a power cut too."""

import os
import re
import signal
import sys
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import psycopg2

from chat.embedded.account import Account
from chat.embedded.binaries import postgres_programs
from chat.embedded.data import NAME, as_seen_from_inside, disown_stale_locks, lock_file, make_data, refuse_another_version
from chat.embedded.failure import CannotStart
from chat.embedded.server import Server

ORPHAN_SECONDS = 5  # how long sessions may take to notice that the server they belonged to was killed
BETWEEN_STARTS_SECONDS = 0.1
IN_USE = re.compile("still in use|already exists")  # said while sessions, or the whole of an earlier server, are on their way out

# For a machine with one or two processors that the service shares.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",  # with the two below: a checkpoint is rare and spread out, no post waits for one
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
    "max_parallel_workers_per_gather": "0",  # queries are small; and a container's /dev/shm is too
    "jit": "off",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
if sys.platform == "linux":
    SETTINGS["recovery_init_sync_method"] = "syncfs"  # after a power cut: one call, not one for each of a thousand files

# What was committed still outlives a killed server, for tests of that; a power cut it would not.
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}


class Postgres(Server):
    name = "PostgreSQL"
    orderly = signal.SIGINT  # "fast": sessions are ended, a checkpoint is made
    at_once = signal.SIGQUIT  # "immediate": what was committed is in the write-ahead log

    @property
    def url(self) -> str:
        return f"postgresql://{NAME}@/{NAME}?host={quote(str(self.sockets))}"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def kill(self) -> None:
        """The sessions too: left alone they would live until they next look for their server."""
        os.kill(self.pid, signal.SIGSTOP)  # It shall start no other while these are counted.
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        sessions = children.read_text().split() if children.exists() else []
        super().kill()
        for session in sessions:
            _kill_if_there(int(session))

    def _prepare(self, account: Account | None) -> None:
        self._programs = postgres_programs(account)
        self._data_argument = as_seen_from_inside(self._data, account)
        if not self._data.exists():
            make_data(self._programs, self.folder, account, self.durable)
        refuse_another_version(self._programs, self._data)

    def _working_folder(self) -> Path:
        """Its data: by way of /proc/self/cwd an unprivileged user gets there although a folder above, say /root, is closed."""
        return self._data

    def _command(self) -> list[str]:
        settings = SETTINGS | ({} if self.durable else NOT_DURABLE) | {"unix_socket_directories": str(self.sockets)}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(self._programs / "postgres"), "-D", self._data_argument, *words]

    def _launch(self, account: Account | None) -> None:
        deadline = time.monotonic() + ORPHAN_SECONDS
        while True:
            disown_stale_locks(self._data, self.sockets)
            try:
                super()._launch(account)
            except CannotStart as failure:
                if not IN_USE.search(str(failure)) or time.monotonic() > deadline:
                    raise
                time.sleep(BETWEEN_STARTS_SECONDS)
            else:
                return self._make_database()

    def _make_database(self) -> None:
        try:
            connection = psycopg2.connect(host=str(self.sockets), user=NAME, dbname="postgres")
            connection.autocommit = True
            with closing(connection), connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (NAME,))
                if not cursor.fetchone():
                    cursor.execute(f"CREATE DATABASE {NAME}")
        except psycopg2.Error as failure:
            raise CannotStart(f"PostgreSQL could not make its database: {str(failure).partition(chr(10))[0]}") from failure

    def _answers(self) -> bool:
        """By its own word: at the address another might answer."""
        pid, rest = lock_file(self._data)
        return pid == str(self.pid) and rest.rstrip().endswith("ready")


def _kill_if_there(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
