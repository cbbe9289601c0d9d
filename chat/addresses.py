"""The addresses of listeners, written address:port, [address]:port or unix:/path, and of clients."""

import socket
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self

EVERYWHERE = ("0.0.0.0", "::")
SOCKET_PATH_BYTES = 107  # the most that Linux takes
MAPPED = "::ffff:"  # RFC 4291, 2.5.5.2


@dataclass(frozen=True, slots=True)
class Address:
    """Of a listener: an IP address and a port, or the path of a socket."""

    host: str = ""
    port: int = 0
    path: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError."""
        if text.startswith("unix:/"):
            path = text.removeprefix("unix:")
            if len(path.encode(errors="surrogateescape")) > SOCKET_PATH_BYTES:
                raise ValueError(f"a socket's path has at most {SOCKET_PATH_BYTES} bytes: {path!r}")
            return cls(path=path)
        host, _, port = text.rpartition(":")
        bracketed = host.startswith("[") and host.endswith("]")
        if not is_port(port) or bracketed != (":" in host):
            raise ValueError(f"no address and port from 1 to 65535: {text!r}")
        return cls(host_of(host[1:-1] if bracketed else host), int(port))

    def __str__(self) -> str:
        if self.path:
            return f"unix:{self.path}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def overlaps(self, other: Self) -> bool:
        """Whether only one of the two can have a listener."""
        if self.path or other.path:
            return self.path == other.path
        return self.port == other.port and (self.host == other.host or self.host in EVERYWHERE or other.host in EVERYWHERE)

    def nearby(self) -> Self:
        """As it is reached from this machine."""
        loopback = {"0.0.0.0": "127.0.0.1", "::": "::1" if ipv6_is_apart() else "127.0.0.1"}
        return type(self)(loopback.get(self.host, self.host), self.port, self.path)

    def dial(self, seconds: float) -> socket.socket:
        """A connection to it. Raises OSError."""
        client = self.socket()
        try:
            client.settimeout(seconds)
            client.connect(self.name)
        except OSError:
            client.close()
            raise
        return client

    def socket(self) -> socket.socket:
        return socket.socket(socket.AF_UNIX if self.path else socket.AF_INET6 if ":" in self.host else socket.AF_INET)

    @property
    def name(self) -> str | tuple[str, int]:
        """As the calls of a socket take it."""
        return self.path or (self.host, self.port)


def is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 1 <= int(text) <= 65535


def host_of(text: str) -> str:
    """An IP address in its usual form. Raises ValueError."""
    return str(ip_address("127.0.0.1" if text == "localhost" else text))


def everywhere(port: int) -> tuple[Address, ...]:
    """What takes all connections of this machine, over IPv6 too where there is one: a socket of IPv6 usually takes both."""
    ipv4, ipv6 = (Address(host, port) for host in EVERYWHERE)
    return {None: (ipv4,), False: (ipv6,), True: (ipv6, ipv4)}[ipv6_is_apart()]


def ipv6_is_apart() -> bool | None:
    """Whether a socket of IPv6 takes no IPv4 (`net.ipv6.bindv6only`). None: there is no IPv6 here."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::", 0))
            return bool(probe.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY))
    except OSError:
        return None


def client_address(address: str) -> str:
    """A socket that takes both kinds names a client of IPv4 ::ffff:192.0.2.1, and everybody else names it 192.0.2.1."""
    return address.removeprefix(MAPPED) if "." in address else address
