"""Every wait has an end, and the end frees what was held: a database or a Redis that hangs, a client of the database that falls silent."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress

import gevent
import gevent.event
import psycopg2
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from chat.config import Settings
from chat.embedded import Valkey
from chat.services import database, events
from chat.services.batcher import Batcher
from chat.services.database import SESSION, engine_options
from faults.proxy import Proxy, RelayHandle
from tests.harness import http_client
from tests.harness.backends import own_valkey
from tests.harness.databases import Databases
from tests.harness.deadline import eventually
from tests.harness.people import Person
from tests.harness.server import Server
from tests.harness.tables import execute

QUICK = {"HEARTBEAT_SECONDS": "1", "REQUEST_SECONDS": "2", "DEAF_SECONDS": "2"}


class Cut:
    """A server whose way to its database and its Redis a test can cut in silence."""

    def __init__(self, server: Server, to_database: RelayHandle, to_redis: RelayHandle) -> None:
        self.server = server
        self.to_database = to_database
        self.to_redis = to_redis


@pytest.fixture(scope="module")
def cut(databases: Databases) -> Iterator[Cut]:
    url = databases.clone()
    with Proxy() as proxy, own_valkey() as valkey:
        to_database, to_redis = proxy.relay(_target(url)), proxy.relay(_redis_target(valkey))
        parts = make_url(url)
        relayed = f"postgresql://{parts.username}@{to_database.address}/{parts.database}?sslmode=disable&gssencmode=disable"
        with Server(relayed, f"redis://{to_redis.address}/0", settings=QUICK) as server:
            yield Cut(server, to_database, to_redis)
    databases.drop(url)


def _target(url: str) -> str:
    parts = make_url(url)
    folder = parts.query.get("host")
    return f"{folder}/.s.PGSQL.5432" if folder else f"{parts.host}:{parts.port or 5432}"


def _redis_target(valkey: Valkey) -> str:
    return valkey.url.removeprefix("unix://").partition("?")[0]


@pytest.fixture
def server(cut: Cut) -> Server:
    return cut.server


@contextmanager
def silent(*relays: RelayHandle) -> Iterator[None]:
    """Everything is taken and nothing comes."""
    with ExitStack() as stack:
        for relay in relays:
            stack.callback(relay.cut)
            stack.enter_context(relay.mode("swallow"))
        yield


def is_ready(server: Server) -> bool:
    return http_client.get(f"{server.url}/readyz", timeout=30).status_code == 200


# The sessions of the database


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    made = create_engine(settings.database_url, **engine_options())
    database.prepare_connections(made)
    yield made
    made.dispose()


def test_each_session_has_an_end_for_each_wait(engine: Engine) -> None:
    with engine.connect() as connection:
        shown = {name: connection.scalar(text(f"SHOW {name}")) for name in SESSION}
    assert {name for name, value in shown.items() if value == "0" and not name.startswith("tcp_")} == set()  # no TCP on a UNIX socket
    assert (shown["jit"], shown["statement_timeout"]) == ("off", "8s")


def test_sessions_without_options_get_the_same_from_their_role(settings: Settings) -> None:
    """As through PgBouncer, which refuses options."""
    plain = create_engine(settings.database_url)
    with plain.begin() as connection:
        database.set_for_role(connection)
    plain.dispose()
    with plain.begin() as connection:
        assert {name: connection.scalar(text(f"SHOW {name}")) for name in ("statement_timeout", "jit")} == {
            "statement_timeout": "8s",
            "jit": "off",
        }
    plain.dispose()


def test_a_holder_of_the_counter_that_falls_silent_frees_it(engine: Engine, settings: Settings) -> None:
    """Whoever waits for the counter row gets it, because the server ends the silent transaction."""
    holding, ended, still_there = threading.Event(), threading.Event(), threading.Event()

    def hold() -> None:
        url = make_url(settings.database_url).set(drivername="postgresql")
        connection = psycopg2.connect(url.render_as_string(hide_password=False), options=_options())
        cursor = connection.cursor()
        cursor.execute("SELECT lock_log(0)")
        holding.set()
        ended.wait(60)
        with suppress(psycopg2.Error):
            cursor.execute("SELECT 1")
            connection.rollback()
            still_there.set()

    holder = threading.Thread(target=hold)
    holder.start()
    assert holding.wait(30)
    with events.appending(engine) as connection:
        assert connection.scalar(text("SELECT head FROM log")) == 0
    ended.set()
    holder.join(30)
    assert not holder.is_alive() and not still_there.is_set()


def _options() -> str:
    return str(engine_options()["connect_args"]["options"])


# A request whose database hangs


def test_a_request_ends_while_its_database_hangs(cut: Cut, alice: Person, room: int) -> None:
    with silent(cut.to_database):
        answer = alice.http.post(f"/api/v1/room/{room}/messages", json={"text": "into the dark"}, timeout=60)
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        assert int(answer.headers["retry-after"]) > 0
    eventually(lambda: is_ready(cut.server), within=60)


def test_readiness_names_the_part_that_hangs(cut: Cut) -> None:
    with silent(cut.to_database):
        answer = http_client.get(f"{cut.server.url}/readyz", timeout=60)
        assert (answer.status_code, answer.json()["part"]) == (503, "database")
    eventually(lambda: is_ready(cut.server), within=60)


def test_readiness_says_that_posting_waits(cut: Cut, alice: Person, room: int) -> None:
    """The counter row is locked: everything is read, and nothing is posted."""
    with psycopg2.connect(cut.server.database_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT head FROM log FOR UPDATE")
        posting = threading.Thread(target=lambda: alice.http.post(f"/api/v1/room/{room}/messages", json={"text": "later"}, timeout=60))
        posting.start()
        eventually(lambda: _part(cut.server) == "posting", within=30)
        connection.rollback()
    posting.join(60)
    eventually(lambda: is_ready(cut.server), within=60)


def test_readiness_says_that_posts_fail(cut: Cut, alice: Person, room: int) -> None:
    """The database has become read-only: everything is read, and nothing is posted."""
    name = make_url(cut.server.database_url).database
    execute(cut.server.database_url, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    cut.to_database.cut()

    def refused() -> bool:
        return alice.http.post(f"/api/v1/room/{room}/messages", json={"text": "nowhere"}).status_code == 503

    eventually(lambda: refused() and _part(cut.server) == "posting", within=30)
    connection = psycopg2.connect(cut.server.database_url, options="-c default_transaction_read_only=off")
    connection.autocommit = True
    connection.cursor().execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
    connection.close()
    cut.to_database.cut()
    eventually(lambda: is_ready(cut.server), within=60)


def _part(server: Server) -> str | None:
    part: str | None = http_client.get(f"{server.url}/readyz", timeout=30).json().get("part")
    return part


# Streams whose worker hears nothing


def test_heartbeats_come_while_the_database_hangs(cut: Cut, alice: Person, room: int) -> None:
    with alice.stream_room(room) as stream:
        stream.until(lambda frame: frame.event == "heartbeat")
        with silent(cut.to_database):
            for _ in range(5):
                stream.until(lambda frame: frame.event == "heartbeat")
        posted = alice_posts(cut, alice, room)
        assert stream.next_message(60) == posted


def alice_posts(cut: Cut, alice: Person, room: int) -> dict[str, object]:
    eventually(lambda: is_ready(cut.server), within=60)
    return alice.post(room, "heard again")


def test_a_worker_that_hears_nothing_sends_its_clients_away(cut: Cut, alice: Person, room: int) -> None:
    with alice.stream_room(room) as stream:
        stream.until(lambda frame: frame.event == "heartbeat")
        with silent(cut.to_database, cut.to_redis):
            stream.until(lambda frame: frame.event == "bye", 60)
            assert http_client.get(f"{cut.server.url}/readyz", timeout=60).json()["status"] in {"deaf", "unready"}
    with alice.stream_room(room) as stream:
        posted = alice_posts(cut, alice, room)
        assert stream.next_message(60) == posted


# What nobody waits for any more


def test_who_gives_up_before_the_batch_asks_for_nothing() -> None:
    taken: list[int] = []
    gate = gevent.event.Event()

    def work(items: Sequence[int]) -> Sequence[int]:
        gate.wait()
        taken.extend(items)
        return items

    batcher: Batcher[int, int] = Batcher(work, 1, 10)
    first = gevent.spawn(batcher.ask, 1)
    gevent.sleep(0)
    with pytest.raises(gevent.Timeout), gevent.Timeout(0.05):
        batcher.ask(2)
    third = gevent.spawn(batcher.ask, 3)
    gevent.sleep(0)
    gate.set()
    assert [first.get(timeout=10), third.get(timeout=10), taken] == [1, 3, [1, 3]]
