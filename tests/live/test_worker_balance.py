"""Clients are spread evenly over the workers, also if they connect all at once, and after a worker was replaced."""

from collections import Counter
from contextlib import ExitStack

import psutil
import pytest

from tests.harness.deadline import eventually
from tests.harness.people import Person
from tests.harness.server import Server
from tests.harness.streams import EventStream

CROWD = 120
FAIR_SHARE = 0.4  # of two workers; left to chance one of them has had a third


@pytest.fixture
def server(fresh_server: Server) -> Server:
    """Each test hurts its own."""
    return fresh_server


def held(server: Server) -> Counter[int]:
    """Client connections by worker."""
    return Counter(
        pid
        for pid in server.worker_pids()
        for connection in psutil.Process(pid).net_connections("tcp")
        if connection.status == psutil.CONN_ESTABLISHED and connection.laddr.port == server.port
    )


def open_streams(alice: Person, room: int, crowd: ExitStack, count: int) -> list[EventStream]:
    return [crowd.enter_context(alice.stream_room(room)) for _ in range(count)]


def is_even(server: Server, clients: int) -> bool:
    workers = held(server)
    return len(workers) == 2 and min(workers.values()) >= FAIR_SHARE * clients


def test_a_crowd_is_spread_evenly(fresh_server: Server, alice: Person) -> None:
    room = alice.create_room()["id"]
    with ExitStack() as crowd:
        open_streams(alice, room, crowd, CROWD)
        assert is_even(fresh_server, CROWD), held(fresh_server)


def test_a_new_worker_gets_the_clients_of_the_one_before_it(fresh_server: Server, alice: Person) -> None:
    room = alice.create_room()["id"]
    with ExitStack() as crowd:
        open_streams(alice, room, crowd, CROWD)
        lost = fresh_server.worker_pids()[0]
        gone = held(fresh_server)[lost]
        assert gone > FAIR_SHARE * CROWD / 2
        fresh_server.kill_worker(lost)
        fresh_server.wait_until_whole()
        open_streams(alice, room, crowd, gone)
        eventually(lambda: is_even(fresh_server, CROWD))
