"""Fixtures for all shelves: real servers for the whole run, new databases, and alice and bob."""

from collections.abc import Generator, Iterator
from typing import Any

import httpx
import pytest
from flask import Flask
from playwright.sync_api import Browser

from chat import create_app
from chat.config import Settings
from chat.embedded import Valkey
from tests.harness import backends
from tests.harness.browser import launched
from tests.harness.clean_start import start_clean
from tests.harness.databases import Databases
from tests.harness.environment import product_settings
from tests.harness.keyspaces import Keyspaces
from tests.harness.people import Person
from tests.harness.server import Server

IN_PROCESS_URL = "http://chat.test"

start_clean()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("torture")
    group.addoption("--torture-seconds", type=float, default=12.0, help="how long the torture test injects faults")
    group.addoption("--torture-seed", type=int, default=None, help="repeats the random choices of another run")


LONGEST = ("test_torture", "test_torture_controls", "test_openapi", "test_room_model", "test_bin_serve")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first: if several run at a time, a long one that began last would make the others wait."""
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


@pytest.fixture(scope="session")
def keyspaces() -> Iterator[Keyspaces]:
    """Numbered databases of the run's Redis server."""
    with backends.redis_url() as url:
        spaces = Keyspaces(url)
        yield spaces
        spaces.close()


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """Databases on the run's PostgreSQL, cloned from one with the schema."""
    with backends.postgres_url() as url:
        databases = Databases(url)
        yield databases
        databases.close()


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """A database with the schema and nothing in it."""
    url = databases.clone()
    yield url
    databases.drop(url)


@pytest.fixture
def empty(databases: Databases) -> Iterator[str]:
    """A database without anything."""
    url = databases.empty()
    yield url
    databases.drop(url)


@pytest.fixture
def redis_url(keyspaces: Keyspaces) -> Iterator[str]:
    """An empty Redis database."""
    url = keyspaces.take()
    yield url
    keyspaces.give_back(url)


@pytest.fixture
def settings(database_url: str, redis_url: str) -> Settings:
    return Settings.from_environ(product_settings(database_url, redis_url))


@pytest.fixture
def app(settings: Settings) -> Flask:
    """The application without gunicorn, with a database of its own."""
    return create_app(settings)


@pytest.fixture
def ada(app: Flask) -> Iterator[Person]:
    """Somebody signed up at `app`, which runs in this process without gunicorn."""
    with Person.sign_up(IN_PROCESS_URL, "ada", httpx.WSGITransport(app=app)) as person:
        yield person


@pytest.fixture(scope="session")
def server(databases: Databases, keyspaces: Keyspaces) -> Iterator[Server]:
    """One server with two workers, shared by all tests that do not stop or change it."""
    database_url = databases.clone()
    with backends.redis_of_one_server(keyspaces) as redis_url, Server(database_url, redis_url) as running:
        yield running
    databases.drop(database_url)


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    """A Valkey for one test, which may stop, kill and empty it."""
    with backends.own_valkey() as running:
        yield running


@pytest.fixture
def fresh_server(database_url: str, valkey: Valkey) -> Iterator[Server]:
    """A server with two workers for one test, which may kill and reload it."""
    with Server(database_url, valkey.url) as running:
        yield running


@pytest.fixture(scope="module")
def module_valkey() -> Iterator[Valkey]:
    with backends.own_valkey() as running:
        yield running


@pytest.fixture(scope="module")
def module_options() -> dict[str, Any]:
    """The options of a file's server. A file that needs others overrides it."""
    return {}


@pytest.fixture(scope="module")
def module_server(databases: Databases, module_valkey: Valkey, module_options: dict[str, Any]) -> Iterator[Server]:
    """A server with two workers for one file."""
    database_url = databases.clone()
    with Server(database_url, module_valkey.url, **module_options) as running:
        yield running
    databases.drop(database_url)


@pytest.fixture
def mended_valkey(module_valkey: Valkey) -> Valkey:
    """The file's Valkey, started again if the test before stopped it."""
    if not module_valkey.running():
        module_valkey.start()
    return module_valkey


@pytest.fixture
def mended_server(module_server: Server, mended_valkey: Valkey) -> Server:
    """The file's server, which a test may kill and reload: each test finds all its workers ready."""
    if not module_server.is_running():
        module_server.start()
    module_server.wait_until_whole()
    return module_server


@pytest.fixture
def alice(server: Server) -> Iterator[Person]:
    with Person.signed_in(server, "alice") as person:
        yield person


@pytest.fixture
def bob(server: Server) -> Iterator[Person]:
    with Person.signed_in(server, "bob") as person:
        yield person


@pytest.fixture
def carol(server: Server) -> Iterator[Person]:
    with Person.signed_in(server, "carol") as person:
        yield person


@pytest.fixture
def room(alice: Person) -> int:
    """An open room of alice's."""
    created: int = alice.create_room()["id"]
    return created


@pytest.fixture
def dora(mended_server: Server) -> Iterator[Person]:
    """Somebody on the server that a test may kill."""
    with Person.signed_in(mended_server, "dora") as person:
        yield person


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds the servers' output to the report of a failed test."""
    report = yield
    if report.failed:
        servers = {value for value in getattr(item, "funcargs", {}).values() if isinstance(value, Server)}
        report.sections += [("gunicorn", server.last_lines()) for server in servers]
    return report
