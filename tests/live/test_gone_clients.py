"""After a crowd has come and gone every gauge is back at zero: streams, sockets, descriptors, connections, pools."""

import socket
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import urlsplit

import pytest
from redis import Redis

from chat.embedded import Valkey
from tests.harness import http_client, metrics
from tests.harness.deadline import eventually
from tests.harness.people import Person
from tests.harness.server import Server
from tests.harness.tables import execute

CROWD = 300
WITHIN_SECONDS = 30.0
POOL_SIZE = 5  # of a worker, to the database and to Redis each
POOLS = 2 * 2 * POOL_SIZE
OWN_CONNECTIONS = 2  # alice's, kept alive for her next request, and her phone's
OPENERS = 8


@pytest.fixture
def server(fresh_server: Server) -> Server:
    """Each test hurts its own."""
    return fresh_server


def politely(client: socket.socket) -> None:
    client.close()


def with_a_reset(client: socket.socket) -> None:
    """As a process that is killed with data it has not read."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def halfway(client: socket.socket) -> None:
    """It says that it will send nothing more, and waits for the service to close."""
    client.shutdown(socket.SHUT_WR)


WAYS_TO_GO = (politely, with_a_reset, halfway)


def crowd(person: Person, room: int) -> list[socket.socket]:
    """Open streams, and long polls that wait, half and half."""
    cursor = person.post(room, "before the crowd")["id"]

    def come(number: int) -> socket.socket:
        polls = number % 2
        return open_socket(
            person, f"/api/v1/room/{room}/subscribe?after={cursor}&wait=55", "application/json" if polls else "text/event-stream"
        )

    with ThreadPoolExecutor(OPENERS) as openers:
        return list(openers.map(come, range(CROWD)))


def open_socket(person: Person, target: str, accept: str) -> socket.socket:
    address = urlsplit(str(person.http.base_url))
    client = socket.create_connection((address.hostname, address.port), timeout=WITHIN_SECONDS)
    client.sendall(f"GET {target} HTTP/1.1\r\nHost: chat\r\nAccept: {accept}\r\nAuthorization: Bearer {person.token}\r\n\r\n".encode())
    return client


def connections(server: Server, person: Person, room: int) -> int:
    """What the room says, asked by somebody who keeps no connection."""
    headers = {"Authorization": f"Bearer {person.token}"}
    counted: int = http_client.get(f"{server.url}/api/v1/room/{room}", headers=headers).json()["connections"]
    return counted


def everybody_is_there(server: Server, person: Person, room: int) -> None:
    eventually(lambda: metrics.samples(server)["chat_streams"] == CROWD, WITHIN_SECONDS)
    eventually(lambda: metrics.samples(server)["chat_sockets"] == CROWD, WITHIN_SECONDS)
    eventually(lambda: connections(server, person, room) == CROWD, WITHIN_SECONDS)
    assert metrics.client_sockets(server) >= CROWD


def nobody_is_left(server: Server, person: Person, room: int) -> None:
    for gauge in ("chat_streams", "chat_sockets", "chat_database_connections_in_use"):
        eventually(partial(gauge_is_zero, server, gauge), WITHIN_SECONDS)
    eventually(lambda: connections(server, person, room) == 0, WITHIN_SECONDS)
    eventually(lambda: metrics.client_sockets(server) <= OWN_CONNECTIONS, WITHIN_SECONDS)


def gauge_is_zero(server: Server, gauge: str) -> bool:
    return metrics.samples(server)[gauge] == 0


def come_and_go(server: Server, person: Person, leave: Callable[[socket.socket], None]) -> None:
    room = person.create_room()["id"]
    clients = crowd(person, room)
    everybody_is_there(server, person, room)
    for client in clients:
        leave(client)
    nobody_is_left(server, person, room)
    for client in clients:
        client.close()


def test_after_a_crowd_has_come_and_gone_every_gauge_is_back_at_zero(fresh_server: Server, valkey: Valkey, alice: Person) -> None:
    come_and_go(fresh_server, alice, politely)  # pools fill up and stay: the first crowd pays for that
    held, threads = metrics.descriptors(fresh_server), metrics.threads(fresh_server)
    for leave in WAYS_TO_GO:
        come_and_go(fresh_server, alice, leave)
    eventually(lambda: metrics.descriptors(fresh_server) <= held + POOLS, WITHIN_SECONDS)
    assert metrics.threads(fresh_server) <= threads  # a thread of the start may have ended
    assert database_connections(fresh_server) <= fresh_server.workers * POOL_SIZE
    assert redis_connections(valkey) <= fresh_server.workers * POOL_SIZE


def test_a_crowd_whose_polls_are_answered_and_whose_session_ends_leaves_nothing_behind(fresh_server: Server, alice: Person) -> None:
    """The service closes every one of them; none of them hangs up first."""
    with alice.sign_in_again() as phone:
        room = alice.create_room()["id"]
        clients = crowd(phone, room)
        everybody_is_there(fresh_server, alice, room)
        alice.post(room, "the polls are answered")
        phone.sign_out()
        nobody_is_left(fresh_server, alice, room)
        for client in clients:
            assert last_bytes(client)
            client.close()


def test_a_killed_workers_streams_are_not_counted_for_ever(fresh_server: Server, alice: Person) -> None:
    room = alice.create_room()["id"]
    clients = crowd(alice, room)
    everybody_is_there(fresh_server, alice, room)
    for pid in fresh_server.worker_pids():
        fresh_server.kill_worker(pid)
    fresh_server.wait_until_whole()
    nobody_is_left(fresh_server, alice, room)
    for client in clients:
        client.close()


def last_bytes(client: socket.socket) -> bytes:
    """Everything up to the end, which must come."""
    received = b""
    while piece := client.recv(65536):
        received += piece
    return received


def database_connections(server: Server) -> int:
    sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    count: int = execute(server.database_url, sql)[0][0]
    return count


def redis_connections(valkey: Valkey) -> int:
    with Redis.from_url(valkey.url) as connection:
        return len(connection.client_list()) - 1
