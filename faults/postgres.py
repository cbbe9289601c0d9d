"""Real PostgreSQLs: copies of one that has the schema, standbys by streaming replication, and what a DBA does to them."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg2

from chat.embedded import Postgres
from chat.embedded.binaries import postgres_programs
from chat.embedded.child_process import ENVIRONMENT
from chat.embedded.unix_user import UnixUser, user_for
from faults.processes import TooLate, family, wait_for

USER = DATABASE = "chat"
TOOL_SECONDS = 60.0


class FaultyPostgres(Postgres):
    """With settings of its own. It serves on a UNIX socket only: the service comes by way of a relay."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        super().__init__(folder, durable=False)
        self._more = dict(settings or {})

    def _command(self) -> list[str]:
        return [*super()._command(), *(word for name, value in self._more.items() for word in ("-c", f"{name}={value}"))]

    @property
    def target(self) -> str:
        """Where a relay leads to."""
        return str(self.sockets / ".s.PGSQL.5432")

    def family(self) -> list[int]:
        return family(self.pid)

    @contextmanager
    def cursor(self, database: str = DATABASE) -> Iterator[Any]:
        """Each statement is a transaction of its own."""
        with closing(psycopg2.connect(host=str(self.sockets), user=USER, dbname=database, connect_timeout=10)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                yield cursor

    def execute(self, statement: str, *values: Any, database: str = DATABASE) -> list[tuple[Any, ...]]:
        with self.cursor(database) as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall()) if cursor.description else []

    def configure(self, **settings: str) -> None:
        """In effect at once, for sessions that are open too."""
        with self.cursor() as cursor:
            for name, value in settings.items():
                cursor.execute(f"ALTER SYSTEM SET {name} = %s", (value,))
            cursor.execute("SELECT pg_reload_conf()")

    def terminate_clients(self) -> int:
        """Ends all sessions but this one; replication stays."""
        ended = self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        return len(ended)

    def promote(self) -> None:
        self.execute("SELECT pg_promote(true, 30)")

    def is_primary(self) -> bool:
        return not self.execute("SELECT pg_is_in_recovery()")[0][0]

    def tool(self, name: str, *arguments: str, output: Path | None = None) -> None:
        """One of PostgreSQL's programs, on this server. Raises TooLate and RuntimeError."""
        account = user_for(self.folder)
        command = [str(postgres_programs(account) / name), "-h", str(self.sockets), "-U", USER, *arguments]
        with output.open("wb") if output else open("/dev/null", "wb") as out:
            _run(command, account, out)

    def copy_to(self, folder: Path) -> None:
        """A physical copy that becomes a standby of this server when it is started."""
        account = user_for(self.folder)
        for new in (folder, folder / "data"):
            new.mkdir(mode=0o700)
            if account:
                account.own(new)
        self.tool("pg_basebackup", "-D", str(folder / "data"), "-X", "stream", "-c", "fast", "-R", "--no-sync")

    def dump(self, file: Path) -> None:
        """A backup as pg_dump makes one."""
        self.tool("pg_dump", "-d", DATABASE, output=file)

    def restore(self, file: Path) -> None:
        """Into the empty database of this server."""
        file.chmod(0o644)
        self.tool("psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", DATABASE, "-f", str(file))

    def wait_for_standby(self, state: str = "streaming", within: float = 30.0) -> None:
        wait_for(lambda: self._standbys(state), within, f"a standby that is {state}")

    def _standbys(self, state: str) -> Sequence[object]:
        column = "sync_state" if state == "sync" else "state"
        with suppress(psycopg2.OperationalError):
            return self.execute(f"SELECT 1 FROM pg_stat_replication WHERE {column} = %s", state)
        return []


def _run(command: list[str], account: UnixUser | None, out: Any) -> None:
    who: dict[str, Any] = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
    try:
        subprocess.run(command, env=ENVIRONMENT, cwd="/", stdout=out, stderr=subprocess.PIPE, timeout=TOOL_SECONDS, check=True, **who)
    except subprocess.TimeoutExpired:
        raise TooLate(f"{Path(command[0]).name}: not within {TOOL_SECONDS:g} s") from None
    except subprocess.CalledProcessError as failure:
        raise RuntimeError(f"{Path(command[0]).name}: {failure.stderr.decode(errors='replace').strip()}") from None
