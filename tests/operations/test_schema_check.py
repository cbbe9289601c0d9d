"""The service starts on no database whose schema it does not know: one line says why, and the exit code is 3."""

import subprocess
import sys
from collections.abc import Callable, Iterator

import httpx
import pytest

from chat.embedded import Postgres, Valkey
from chat.services import migrations
from tests.harness import http_client
from tests.harness.backends import short_folder
from tests.harness.deadline import eventually
from tests.harness.environment import product_environment
from tests.harness.people import Person
from tests.harness.schemas import NEWEST, init_db, load_version_1
from tests.harness.server import ROOT, Server, free_port
from tests.harness.tables import engine_of, execute

ENDED_SECONDS = 60.0
CANNOT_BOOT = 3
OTHERS = "CREATE TABLE accounts (id int); CREATE TABLE log (id int, line text); CREATE TABLE posts (id int); CREATE TABLE tags (id int)"


def ended(url: str, redis_url: str) -> "subprocess.CompletedProcess[str]":
    """A start of gunicorn that must not succeed."""
    settings = {"HOST": "127.0.0.1", "PORT": str(free_port()), "WEB_CONCURRENCY": "2"}
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]
    environment = product_environment(url, redis_url, settings)
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=ENDED_SECONDS, check=False)


def own_lines(output: str) -> list[str]:
    """Without gunicorn's information."""
    return [line for line in output.splitlines() if line and " INFO " not in line]


def nothing(_url: str) -> None:
    """The database stays empty."""


def others(url: str) -> None:
    execute(url, OTHERS)


def changed(url: str) -> None:
    migrations.apply(engine_of(url))
    execute(url, "DROP INDEX events_of_room")


def newer(url: str) -> None:
    migrations.apply(engine_of(url))
    execute(url, "UPDATE log SET step = 99, compatible_from = 98")


@pytest.mark.parametrize(
    ("prepare", "line"),
    [
        (nothing, "the database has no schema: run the release step"),
        (load_version_1, f"the database is at version 1, this version needs {NEWEST}: run the release step"),
        (
            newer,
            "the database is at version 99, which needs a service of version 98 or later,"
            f" and this one is {NEWEST}: install the newer version",
        ),
        (
            others,
            "the database holds the tables of another program (accounts, log, posts and 1 more): DATABASE_URL should name one of our own",
        ),
        (changed, f"the database is at version {NEWEST}, but was changed by hand: table events"),
    ],
)
def test_a_start_on_a_database_that_does_not_fit_is_one_line(empty: str, redis_url: str, prepare: Callable[[str], None], line: str) -> None:
    prepare(empty)
    refused = ended(empty, redis_url)
    assert refused.returncode == CANNOT_BOOT
    assert own_lines(refused.stderr) == [f"chat: {line}"]
    assert "Booting worker" not in refused.stderr


@pytest.mark.parametrize("prepare", [others, changed, newer])
def test_the_release_step_refuses_what_it_does_not_know_and_changes_nothing(empty: str, prepare: Callable[[str], None]) -> None:
    prepare(empty)
    tables = execute(empty, "SELECT relname FROM pg_class WHERE relkind = 'r' ORDER BY relname")
    refused = init_db(empty)
    assert refused.returncode == 1
    assert len(refused.stderr.splitlines()) == 1
    assert execute(empty, "SELECT relname FROM pg_class WHERE relkind = 'r' ORDER BY relname") == tables


def test_a_newer_database_that_says_it_is_compatible_is_served(database_url: str, redis_url: str) -> None:
    execute(database_url, "UPDATE log SET step = 99, compatible_from = :this", {"this": NEWEST})
    released = init_db(database_url)
    assert (released.returncode, released.stdout) == (0, "The database is at version 99.\n"), "a deploy of the earlier version succeeds"
    with Server(database_url, redis_url) as server, Person.signed_in(server, "alice") as alice:
        assert alice.history(alice.create_room()["id"]) == []


def test_tables_of_an_extension_are_nobodys(empty: str) -> None:
    execute(empty, "CREATE TABLE of_an_extension (id int)")
    execute(empty, "ALTER EXTENSION plpgsql ADD TABLE of_an_extension")
    assert migrations.apply(engine_of(empty)) == NEWEST
    migrations.check(engine_of(empty))


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL that a test starts and stops. Its database is empty."""
    with short_folder() as folder:
        server = Postgres(folder / "postgres", durable=False)
        server.start()
        yield server
        server.stop()


def test_a_service_that_starts_without_its_database_serves_when_that_is_back(postgres: Postgres, valkey: Valkey) -> None:
    migrations.apply(engine_of(postgres.url))
    postgres.stop()
    server = waiting(postgres, valkey)
    try:
        postgres.start()
        server.wait_until_whole()
        assert "its schema is checked when it does" in server.log()
    finally:
        server.stop()


def test_a_service_that_starts_without_its_database_stops_when_that_does_not_fit(postgres: Postgres, valkey: Valkey) -> None:
    postgres.stop()
    server = waiting(postgres, valkey)
    try:
        postgres.start()
        eventually(lambda: not server.is_running(), ENDED_SECONDS)
        assert server.exit_code() == CANNOT_BOOT
        assert "the database has no schema: run the release step" in server.log()
        assert "Traceback" not in server.log()
    finally:
        server.stop()


def waiting(postgres: Postgres, valkey: Valkey) -> Server:
    """A service that answers, and is not ready."""
    server = Server(postgres.url, valkey.url)
    server.launch()
    eventually(lambda: is_healthy(server), ENDED_SECONDS)
    assert not server.is_ready()
    return server


def is_healthy(server: Server) -> bool:
    try:
        return http_client.get(f"{server.url}/healthz").status_code == 200
    except httpx.TransportError:
        return False
