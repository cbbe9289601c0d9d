"""The service listens for IPv4 and IPv6, and a client has one address, whichever socket accepted it."""

from collections.abc import Iterator

import pytest
from redis import Redis

from tests.harness import http_client
from tests.harness.operator import Operator
from tests.harness.people import Person
from tests.harness.server import Server
from tests.harness.tables import execute

CLIENTS = {"127.0.0.1": "127.0.0.1", "::1": "[::1]"}
MAPPED = "::ffff:"


@pytest.fixture
def open_server(database_url: str, redis_url: str) -> Iterator[Server]:
    """Where nothing says on which addresses."""
    with Server(database_url, redis_url, workers=1, settings={"HOST": ""}) as running:
        yield running


def test_a_client_is_named_by_its_own_address_everywhere(open_server: Server) -> None:
    for address, host in CLIENTS.items():
        with Person.sign_up(f"http://{host}:{open_server.port}", "alice") as alice:
            room = alice.create_room()["id"]
            with alice.stream_room(room) as stream:
                assert stream.status == 200
                listed = Operator(open_server).call("GET", "/streams")["streams"]
                assert [entry["address"] for entry in listed if entry["user_id"] == alice.id] == [address]
            sessions = execute(open_server.database_url, "SELECT address FROM sessions WHERE user_id = :id", {"id": alice.id})
            assert [session[0] for session in sessions] == [address]
            wrong_key = http_client.get(f"http://{host}:{open_server.port}/admin/api/v1/", headers={"X-API-Key": "wrong"})
            assert wrong_key.status_code in (401, 403)
    counted = " ".join(str(key) for key in Redis.from_url(open_server.redis_url).keys("*api-key-address*"))
    assert all(address in counted for address in CLIENTS)
    assert MAPPED not in counted + open_server.log()


def test_a_proxy_that_listens_for_both_names_a_client_as_everybody_else_does(database_url: str, redis_url: str) -> None:
    with Server(database_url, redis_url, workers=1, settings={"PROXY_HOPS": "1"}) as server:
        answer = http_client.post(
            f"{server.url}/users",
            json={"name": "alice", "password": "correct horse battery staple"},
            headers={"X-Forwarded-For": f"{MAPPED}192.0.2.7"},
        )
        assert answer.status_code == 201, answer.text
    assert execute(database_url, "SELECT address FROM sessions") == [("192.0.2.7",)]
