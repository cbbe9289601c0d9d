"""The servers of one run, and what is read from them at its end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg2
import redis

from chat.audit.subscriptions import Row
from chat.embedded import Postgres, Valkey
from tests.harness.backends import running, short_folder
from tests.harness.databases import Databases
from tests.harness.server import Server
from tests.torture.plan import Plan

EVENTS = """
    SELECT e.id, e.kind, e.room_id, coalesce(t.sender_id, e.sender_id), e.recipient_id, e.text,
        e.edited_at IS NOT NULL OR e.deleted_at IS NOT NULL
    FROM events e LEFT JOIN events t ON t.id = e.target_id ORDER BY e.id
"""
ERASED = """
    SELECT id FROM events WHERE deleted_at IS NOT NULL UNION
    SELECT e.id FROM events e JOIN events t ON t.id = e.target_id WHERE e.kind = 'edited' AND t.deleted_at IS NOT NULL
"""


@dataclass(frozen=True)
class Stage:
    """A PostgreSQL, a Valkey, and a gunicorn over both."""

    database_url: str
    valkey: Valkey
    server: Server

    def connect(self) -> redis.Redis:
        """For looking at the log and for faults; the caller closes it."""
        return redis.Redis.from_url(self.valkey.url)

    def head(self) -> int:
        head: int = self._query("SELECT head FROM log")[0][0]
        return head

    def rows(self) -> list[Row]:
        """Everything that was committed, in id order."""
        return [Row(*row) for row in self._query(EVENTS)]

    def erased(self) -> list[int]:
        """Events that the log may lack, because they are about a deleted message."""
        return [event_id for (event_id,) in self._query(ERASED)]

    def log_ids(self) -> list[int]:
        """The ids in the log, in its order; it is the only stream there is."""
        with self.connect() as connection:
            streams = list(connection.scan_iter(_type="stream"))
            assert len(streams) <= 1, streams
            entries = [entry for stream in streams for entry in connection.xrange(stream)]
        return [int(entry_id.partition(b"-")[0]) for entry_id, _ in entries]

    def cut_connections(self) -> None:
        """Cuts every connection, as a failover of the database does."""
        self._query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")

    def _query(self, query: str) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(self.database_url)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(query)
                return list(cursor.fetchall())
        finally:
            connection.close()


@contextmanager
def staged(plan: Plan) -> Iterator[Stage]:
    with (
        short_folder() as folder,
        running(Postgres(folder / "postgres", durable=False)) as postgres,
        running(Valkey(folder / "valkey", durable=False)) as valkey,
    ):
        url = Databases(postgres.url).clone()
        with Server(url, valkey.url, plan.workers, plan.settings, plan.wsgi) as server:
            yield Stage(url, valkey, server)
