"""Which listener a connection came by, for each kind of ADMIN_BIND: an address, all addresses, a path, none."""

import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from chat.admin.dispatcher import Listener
from chat.config import Settings, WrongSetting
from tests.harness import http_client
from tests.harness.environment import product_settings
from tests.harness.operator import BASE, Operator
from tests.harness.server import Server


@contextmanager
def accepted(host: str) -> Iterator[socket.socket]:
    """A connection to a port of its own, as the server has it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with (
        socket.create_server((host, 0), family=family) as server,
        socket.create_connection(server.getsockname()[:2]),
        server.accept()[0] as client,
    ):
        yield client


def bind_of(host: str, client: socket.socket) -> str:
    return f"{host}:{client.getsockname()[1]}"


@pytest.mark.parametrize(
    ("connected", "bound"), [("127.0.0.1", "127.0.0.1"), ("127.0.0.1", "0.0.0.0"), ("::1", "[::1]"), ("::1", "[0:0::1]"), ("::1", "[::]")]
)
def test_its_own_connections_are_known(connected: str, bound: str) -> None:
    with accepted(connected) as client:
        assert Listener(bind_of(bound, client)).accepted(client)


@pytest.mark.parametrize("bound", ["127.0.0.2", "[::1]"])
def test_the_same_port_of_another_address_is_another_listener(bound: str) -> None:
    with accepted("127.0.0.1") as client:
        assert not Listener(bind_of(bound, client)).accepted(client)


@pytest.mark.parametrize("bind", ["", "127.0.0.1:1", "0.0.0.0:1", "unix:/run/chat", "unix:127.0.0.1"])
def test_other_connections_are_not_taken_for_its_own(bind: str) -> None:
    with accepted("127.0.0.1") as client:
        assert not Listener(bind).accepted(client)
    assert not Listener(bind).accepted(None)


@pytest.mark.parametrize("bind", ["8090", ":8090", "chat.test:8090", "127.0.0.1", "127.0.0.1:port", "unix:", "unix:relative"])
def test_a_wrong_address_stops_the_start_and_is_named(bind: str) -> None:
    with pytest.raises(WrongSetting, match="ADMIN_BIND"):
        Settings.from_environ(product_settings("postgresql://x", "redis://x", {"ADMIN_BIND": bind}))


def test_unless_told_it_listens_for_this_machine_alone() -> None:
    settings = product_settings("postgresql://x", "redis://x")
    del settings["ADMIN_BIND"]
    assert Settings.from_environ(settings).admin_bind == "127.0.0.1:8090"


def test_the_administration_on_a_path(database_url: str, redis_url: str) -> None:
    with tempfile.TemporaryDirectory(prefix="chat-") as folder:
        path = str(Path(folder, "admin"))
        with Server(database_url, redis_url, workers=1, settings={"ADMIN_BIND": f"unix:{path}"}) as server:
            olga = Operator(server)
            with http_client.client("http://admin.test", headers=olga.headers, transport=httpx.HTTPTransport(uds=path)) as http:
                assert http.get(f"{BASE}/").json()["data"]["app"] == "Admin chatserver"
            assert http_client.get(f"{server.url}{BASE}/", headers=olga.headers).json()["data"]["app"] == "chatserver"
            assert http_client.get(f"{server.url}/admin{BASE}/", headers=olga.headers).json()["data"]["app"] == "Admin chatserver"
