"""The embedded PostgreSQL: its data folder is initialized at the first start and recovered at every later one, also after a power cut."""

import os
import re
import signal
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

import psycopg2

from chat.embedded.binaries import postgres_programs
from chat.embedded.errors import CannotStart
from chat.embedded.postgres_data import NAME, check_version, data_argument, initialize_data, read_lock, release_stale_locks
from chat.embedded.server import Server
from chat.embedded.unix_user import UnixUser

ORPHANED_SESSION_SECONDS = 5  # how long a killed server's sessions may take to notice and end
RETRY_SECONDS = 0.1
IN_USE = re.compile("still in use|already exists")  # PostgreSQL's error while an earlier server or its sessions are still ending

# For a machine with one or two processors, which PostgreSQL shares with the service.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",  # with the two below: a checkpoint is rare and spread out, so that no post waits for one
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
    "max_parallel_workers_per_gather": "0",  # queries are small, and so is a container's /dev/shm
    "jit": "off",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # A statement's values stay out of the log, also when its session dies. chat/services/database_log.py has the rest.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
if sys.platform == "linux":
    SETTINGS["recovery_init_sync_method"] = "syncfs"  # after a power cut: one call, not one for each of a thousand files

# For tests: commits survive a killed server, but not a power cut.
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}


class Postgres(Server):
    name = "PostgreSQL"
    graceful_signal = signal.SIGINT  # "fast": sessions are ended, a checkpoint is made
    immediate_signal = signal.SIGQUIT  # "immediate": what was committed is in the write-ahead log

    @property
    def url(self) -> str:
        return f"postgresql://{NAME}@/{NAME}?host={quote(str(self.sockets))}"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def kill(self) -> None:
        """Kills the sessions too: they would otherwise live until they next check for their server."""
        os.kill(self.pid, signal.SIGSTOP)  # So that no session is started while they are counted.
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        sessions = children.read_text().split() if children.exists() else []
        super().kill()
        for session in sessions:
            with suppress(ProcessLookupError):
                os.kill(int(session), signal.SIGKILL)

    def _prepare(self, user: UnixUser | None) -> None:
        self._programs = postgres_programs(user)
        self._data_argument = data_argument(self._data, user)
        if not self._data.exists():
            initialize_data(self._programs, self.folder, user, self.durable)
        check_version(self._programs, self._data)

    def _working_folder(self) -> Path:
        """The data folder, for `data_argument`."""
        return self._data

    def _command(self) -> list[str]:
        settings = SETTINGS | ({} if self.durable else NOT_DURABLE) | {"unix_socket_directories": str(self.sockets)}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(self._programs / "postgres"), "-D", self._data_argument, *words]

    def _launch(self, user: UnixUser | None) -> None:
        deadline = time.monotonic() + ORPHANED_SESSION_SECONDS
        while True:
            release_stale_locks(self._data, self.sockets)
            try:
                super()._launch(user)
            except CannotStart as failure:
                if not IN_USE.search(str(failure)) or time.monotonic() > deadline:
                    raise
                time.sleep(RETRY_SECONDS)
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

    def _is_ready(self) -> bool:
        """Reads its pid file: another server might answer at the address."""
        pid, rest = read_lock(self._data)
        return pid == str(self.pid) and rest.rstrip().endswith("ready")
