"""Faults of PostgreSQL and of PgBouncer in front of it."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2

from faults.client import ask, request
from faults.load import Size
from faults.postgres import DATABASE, USER
from faults.processes import TooLate, stopped, wait_for
from faults.scenarios.registry import scenario
from faults.stage import NotHappened, Stage

COMMIT = "post_messages("  # in what the service sends for a group of posts, a transaction of one round trip
FREE_BYTES = 128 * 1024  # less than a page of the write-ahead log
HOLDS_COUNTER = "SELECT lock_log("  # in what begins a transaction of several round trips that holds the counter row
LARGE = Size(padding=4000)
FILL_BYTES = 65_536


@scenario("PostgreSQL restarted (fast shutdown)")
def postgres_restarted(stage: Stage) -> None:
    with stage.fault():
        stage.postgres.stop()
        stage.postgres.start()


@scenario("PostgreSQL killed, away for 4 s, back by crash recovery", 4)
def postgres_killed(stage: Stage) -> None:
    with stage.fault():
        stage.postgres.kill()
        stage.dwell()
        stage.postgres.start()


@scenario("PostgreSQL stopped (SIGSTOP, all of it) for 10 s", 10, patience=45)
def postgres_stopped(stage: Stage) -> None:
    with stage.fault(), stopped(stage.postgres.family()):
        stage.dwell()


@scenario("PostgreSQL swallows: its network takes everything and gives nothing, 10 s", 10, patience=60)
def postgres_swallowed(stage: Stage) -> None:
    with stage.fault(), stage.to_postgres.mode("swallow"):
        stage.dwell()
    stage.require(stage.to_postgres.counts().swallowed_bytes, "nothing was swallowed")


@scenario("PostgreSQL's answers swallowed, requests arrive, 6 s", 6, patience=60)
def postgres_answers_swallowed(stage: Stage) -> None:
    with stage.fault(), stage.to_postgres.mode("swallow", way="down"):
        stage.dwell()
    stage.require(stage.to_postgres.counts().swallowed_bytes, "nothing was swallowed")


@scenario("PostgreSQL's connections die silently, new ones work (a firewall forgot them)", patience=60)
def postgres_half_open(stage: Stage) -> None:
    with stage.fault():
        stage.require(stage.to_postgres.half_open(), "there was no connection")


@scenario("PostgreSQL has no connections left, 8 s", postgres={"max_connections": "25"})
def postgres_out_of_connections(stage: Stage) -> None:
    with stage.fault(), ExitStack() as held:
        with stage.to_postgres.mode("refuse"):
            stage.to_postgres.cut()
            stage.postgres.terminate_clients()
            stage.require(len(_take_all_connections(stage, held)) > 5, "no connections were taken")
        stage.dwell()


@scenario("PostgreSQL read-only, 8 s")
def postgres_read_only(stage: Stage) -> None:
    with stage.fault():
        stage.postgres.configure(default_transaction_read_only="on")
        stage.dwell()
        stage.postgres.configure(default_transaction_read_only="off")


@scenario("PostgreSQL's disk full, 8 s", size=LARGE, small_disk_mb=120, patience=45)
def postgres_disk_full(stage: Stage) -> None:
    filler = stage.postgres.folder / "filler"
    with stage.fault():
        fill(filler)
        is_full = shutil.disk_usage(stage.postgres.folder).free < FREE_BYTES
        stage.dwell()
        filler.unlink()
        if not stage.postgres.running():
            stage.note("PostgreSQL ended and was started again")
            stage.postgres.start()
    stage.require(is_full, "the disk never was full")


@scenario("PostgreSQL 40 ms away (a round trip), 10 s", 10)
def postgres_slow(stage: Stage) -> None:
    with stage.fault(), stage.to_postgres.mode("pass", up_ms=20, down_ms=20):
        stage.dwell()


@scenario("PostgreSQL's sessions terminated every 200 ms, 8 s")
def postgres_terminated(stage: Stage) -> None:
    with stage.fault():
        ended = stage.repeatedly(0.2, stage.postgres.terminate_clients)
    stage.require(sum(ended), "no session was terminated")


@scenario("each 5th group of posts is committed, and its reply lost (RST), 8 s")
def postgres_replies_lost(stage: Stage) -> None:
    with stage.fault(), stage.to_postgres.mode("lose", pattern=COMMIT, every=5):
        stage.dwell()
    stage.require(stage.to_postgres.counts().lost_answers, "no reply was lost")


@scenario("two groups of posts are committed, and their connections fall silent", patience=60)
def postgres_replies_swallowed(stage: Stage) -> None:
    with stage.fault(), stage.to_postgres.mode("lose", pattern=COMMIT, every=4, times=2, then="silence"):
        wait_for(lambda: stage.to_postgres.counts().lost_answers >= 2, 30, "two replies that are swallowed")


@scenario("a connection dies silently while its transaction holds the counter row; TCP gives up after 20 s", 20, patience=45)
def postgres_dead_holder(stage: Stage) -> None:
    with stage.fault(), stage.to_postgres.mode("lose", pattern=HOLDS_COUNTER, times=1, then="silence"):
        stage.load.spawn(_join(stage))
        try:
            wait_for(lambda: stage.to_postgres.counts().lost_answers, 10, "a transaction that holds the counter row")
        except TooLate:
            raise NotHappened("no transaction of the service holds the counter row over two round trips") from None
        stage.dwell()
        stage.to_postgres.give_up()


@scenario("somebody else's session holds the counter row for 15 s", 15, patience=45)
def postgres_locked(stage: Stage) -> None:
    with stage.fault(), _session(stage) as cursor:
        cursor.execute("SELECT head FROM log FOR UPDATE")
        stage.dwell()


@scenario("PgBouncer in front (transaction mode): PostgreSQL restarted behind it", pgbouncer=True)
def pgbouncer_postgres_restarted(stage: Stage) -> None:
    with stage.fault():
        stage.postgres.stop()
        stage.postgres.start()


@scenario("PgBouncer killed and restarted", pgbouncer=True)
def pgbouncer_restarted(stage: Stage) -> None:
    with stage.fault():
        stage.pgbouncer.kill()
        stage.pgbouncer.start()


@scenario("PgBouncer paused for 8 s", pgbouncer=True, patience=45)
def pgbouncer_paused(stage: Stage) -> None:
    with stage.fault():
        stage.pgbouncer.admin("PAUSE")
        stage.dwell()
        stage.pgbouncer.admin("RESUME")


def fill(file: Path) -> None:
    """Takes all the room that there is."""
    with file.open("wb", buffering=0) as filler:
        for size in (FILL_BYTES, 4096, 1):
            try:
                while filler.write(b"\0" * size) == size:
                    pass
            except OSError:
                continue


def _take_all_connections(stage: Stage, held: ExitStack) -> list[Any]:
    connections: list[Any] = []
    try:
        for _ in range(200):
            connections.append(psycopg2.connect(host=str(stage.postgres.sockets), user=USER, dbname=DATABASE))
            held.enter_context(closing(connections[-1]))
    except psycopg2.OperationalError:
        pass
    return connections


@contextmanager
def _session(stage: Stage) -> Iterator[Any]:
    connection = psycopg2.connect(host=str(stage.postgres.sockets), user=USER, dbname=DATABASE)
    with closing(connection), connection.cursor() as cursor:
        yield cursor


async def _join(stage: Stage) -> None:
    """A transaction that takes the counter row and goes on."""
    load = stage.load
    path = f"/api/v1/room/{load.rooms[0]}/members"
    await ask(load.address, request(load.address, "POST", path, load.people[-1].token, b"{}"), 40)
