"""Readiness goes through the delivery path: a worker that answers but no longer receives committed events is not ready."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import psycopg2
import pytest
from psycopg2 import sql
from sqlalchemy.engine import make_url

from chat.embedded import Valkey
from tests.harness import http_client
from tests.harness.backends import paused
from tests.harness.deadline import eventually
from tests.harness.people import Person
from tests.harness.server import Server
from tests.harness.tables import locked


@pytest.fixture
def server(mended_server: Server) -> Server:
    """Alice and bob use the server that the tests stop and kill."""
    return mended_server


def ask(server: Server, path: str) -> httpx.Response:
    """As a router does: a new connection each time, to any worker."""
    return http_client.get(f"{server.url}{path}", timeout=60)


@contextmanager
def without_database(url: str) -> Iterator[None]:
    """Every connection is cut, and no new one is let in."""
    name = make_url(url).database
    admin = psycopg2.connect(make_url(url).set(database="postgres").render_as_string(hide_password=False))
    try:
        admin.autocommit = True
        with admin.cursor() as cursor:
            allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
            cursor.execute(allow.format(sql.Identifier(str(name)), sql.Literal(False)))
            cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
            try:
                yield
            finally:
                cursor.execute(allow.format(sql.Identifier(str(name)), sql.Literal(True)))
    finally:
        admin.close()


def test_a_worker_that_hears_the_log_is_ready_and_says_how_far(mended_server: Server, alice: Person) -> None:
    head = alice.post(alice.create_room()["id"], "hello")["id"]
    for _ in range(10):
        answer = ask(mended_server, "/readyz")
        assert (answer.status_code, answer.json()["status"]) == (200, "ready")
        assert answer.json()["heard"] >= head


def test_a_worker_that_answers_but_hears_of_nothing_is_not_ready(mended_server: Server, mended_valkey: Valkey, alice: Person) -> None:
    """Redis hangs and the events are locked: process and database answer, and nothing is delivered."""
    room = alice.create_room()["id"]
    with alice.stream_room(room) as stream:
        stream.until(lambda frame: frame.id is not None)
        with paused(mended_valkey):
            posted = alice.post(room, "committed, but not heard of")
            with locked(mended_server.database_url, "events"):
                deaf = ask(mended_server, "/readyz")
                assert (deaf.status_code, deaf.json()["status"]) == (503, "deaf")
                assert deaf.json()["heard"] < posted["id"] <= deaf.json()["head"]
                assert ask(mended_server, "/healthz").status_code == 200, "the process answers: there is no use in killing it"
            eventually(lambda: ask(mended_server, "/readyz").status_code == 200, within=30)
            assert stream.next_message(30) == posted, "it hears the record by now"
        eventually(lambda: ask(mended_server, "/readyz").status_code == 200, within=30)


def test_a_worker_without_its_database_is_not_ready_and_is_again_when_that_is_back(mended_server: Server, alice: Person) -> None:
    room = alice.create_room()["id"]
    with alice.stream_room(room) as stream:
        stream.until(lambda frame: frame.id is not None)
        with without_database(mended_server.database_url):
            assert ask(mended_server, "/readyz").status_code == 503
            assert ask(mended_server, "/healthz").status_code == 200
            refused = alice.http.post(f"/api/v1/room/{room}/messages", json={"text": "hello"})
            assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
        eventually(lambda: ask(mended_server, "/readyz").status_code == 200, within=30)
        posted = alice.post(room, "hello again")
        assert stream.next_message(30) == posted, "the stream that was open all the time goes on"
