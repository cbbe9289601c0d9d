"""Addresses of listeners and clients."""

import socket

import pytest

from chat.addresses import Address, client_address, everywhere
from tests.harness.server import free_port


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("127.0.0.1:80", "127.0.0.1:80"),
        ("localhost:80", "127.0.0.1:80"),
        ("[0:0::1]:080", "[::1]:80"),
        ("[::]:65535", "[::]:65535"),
        ("unix:/run/chat", "unix:/run/chat"),
    ],
)
def test_an_address_is_written_in_one_way(text: str, written: str) -> None:
    assert str(Address.parse(text)) == written


@pytest.mark.parametrize(
    "text",
    [
        *("", "80", ":80", "chat.test:80", "1.2.3.4", "1.2.3.400:80", "1.2.3.4:0", "1.2.3.4:65536", "1.2.3.4:²"),
        *("::1:80", "[::1]", "[1.2.3.4]:80", "[::1:80", "[::1]]:80", "unix:", "unix:relative", f"unix:/{'x' * 107}"),
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"address|path"):
        Address.parse(text)


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ("127.0.0.1:80", "127.0.0.1:80", True),
        ("127.0.0.1:80", "0.0.0.0:80", True),
        ("[::]:80", "127.0.0.1:80", True),
        ("127.0.0.1:80", "127.0.0.2:80", False),
        ("127.0.0.1:80", "0.0.0.0:81", False),
        ("unix:/a", "unix:/a", True),
        ("unix:/a", "unix:/b", False),
        ("unix:/a", "0.0.0.0:80", False),
    ],
)
def test_two_listeners_cannot_have_one_address(one: str, other: str, overlap: bool) -> None:
    assert Address.parse(one).overlaps(Address.parse(other)) is overlap


@pytest.mark.parametrize(("everybody", "here"), [("0.0.0.0", "127.0.0.1"), ("192.0.2.1", "192.0.2.1"), ("::1", "::1")])
def test_an_address_for_everybody_is_reached_from_here(everybody: str, here: str) -> None:
    assert Address(everybody, 80).nearby() == Address(here, 80)


def test_everywhere_takes_connections_of_both_kinds() -> None:
    """And what it takes is reached from here."""
    for address in everywhere(free_port()):
        with address.socket() as listener:
            listener.bind(address.name)
            listener.listen()
            address.nearby().dial(5).close()
            for host in ("127.0.0.1", "::1") if ":" in address.host else ("127.0.0.1",):
                socket.create_connection((host, address.port)).close()


@pytest.mark.parametrize(
    ("named", "written"),
    [("::ffff:192.0.2.1", "192.0.2.1"), ("192.0.2.1", "192.0.2.1"), ("2001:db8::ffff:1", "2001:db8::ffff:1"), ("", "")],
)
def test_a_client_of_ipv4_is_written_as_one(named: str, written: str) -> None:
    assert client_address(named) == written
