"""A real PgBouncer in transaction mode, as Debian ships it."""

import os
import shutil
import signal
import subprocess
from contextlib import closing
from pathlib import Path

import psycopg2

from chat.embedded.child_process import ENVIRONMENT, spawn
from chat.embedded.unix_user import user_for
from faults.postgres import DATABASE, USER, FaultyPostgres
from faults.processes import free_port, wait_for

START_SECONDS = 20.0
CONFIGURATION = """
[databases]
{database} = host={sockets} port=5432 user={user} dbname={database}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
admin_users = {user}
pool_mode = transaction
default_pool_size = 20
max_client_conn = 500
ignore_startup_parameters = extra_float_digits,options
logfile = {folder}/pgbouncer.log
pidfile = {folder}/pgbouncer.pid
"""


def program() -> str | None:
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


class PgBouncer:
    """Between the service and one PostgreSQL."""

    def __init__(self, folder: Path, postgres: FaultyPostgres) -> None:
        self._folder = folder
        self._account = user_for(postgres.folder)
        self._postgres = postgres
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    @property
    def target(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        path = program()
        assert path, "no pgbouncer: bin/faults installs it from Debian"
        self._folder.mkdir(mode=0o700, exist_ok=True)
        if self._account:
            self._account.own(self._folder)
        configuration = self._folder / "pgbouncer.ini"
        sockets = self._postgres.sockets
        configuration.write_text(
            CONFIGURATION.format(database=DATABASE, user=USER, sockets=sockets, port=self.port, folder=self._folder), encoding="utf-8"
        )
        configuration.chmod(0o644)
        self._process = spawn(
            [path, "-q", str(configuration)], parent_death_signal=signal.SIGKILL, user=self._account, environment=ENVIRONMENT
        )
        wait_for(self._answers, START_SECONDS, "PgBouncer that answers")

    def stop(self) -> None:
        if self._process:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(10)
            self._process = None

    def kill(self) -> None:
        assert self._process, "start it first"
        self._process.kill()
        self._process.wait()

    def admin(self, command: str) -> None:
        """PAUSE, RESUME, RELOAD."""
        with closing(psycopg2.connect(host="127.0.0.1", port=self.port, user=USER, dbname="pgbouncer")) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(command)

    def _answers(self) -> bool:
        try:
            self.admin("SHOW VERSION")
        except psycopg2.Error:
            return False
        return True
