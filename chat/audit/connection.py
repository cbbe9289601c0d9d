"""HTTP over asyncio's streams: a connection for each request, which may be cut at any byte, or a kept one, as in a browser."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from chat.audit.exchange import Exchange

READ_BYTES = 262_144
CONNECT_SECONDS = 15.0

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True)
class Address:
    """Where a deployment is: `host` is the Host header, `base` the path of the deployment."""

    hostname: str
    port: int
    host: str
    base: str = ""
    tls: ssl.SSLContext | None = None

    @classmethod
    def of(cls, url: str) -> "Address":
        """Raises ValueError if the URL is not an http or https address."""
        parts = urlsplit(url.strip().rstrip("/").removesuffix("/api/v1"))
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{url!r} is not the address of a service: it looks like https://chat.example.org")
        tls = ssl.create_default_context() if parts.scheme == "https" else None
        return cls(parts.hostname, parts.port or (443 if tls else 80), parts.netloc.rpartition("@")[2], parts.path, tls)

    async def connect(self) -> Streams:
        """Raises OSError, but never TimeoutError: callers use timeouts of their own around this."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return await asyncio.open_connection(self.hostname, self.port, ssl=self.tls)
        except TimeoutError:
            raise ConnectionError(f"nobody answered at {self.host} within {CONNECT_SECONDS:g} s") from None


@dataclass(frozen=True)
class Response:
    """A whole response. Its status is None if the connection ended early."""

    status: int | None
    body: bytes


@asynccontextmanager
async def open_response(address: Address, exchange: Exchange) -> AsyncIterator[asyncio.StreamReader]:
    """Sends the request on a new connection, which is aborted at the end of the block."""
    reader, writer = await address.connect()
    try:
        writer.write(exchange.outgoing)
        yield reader
    finally:
        writer.transport.abort()


class Connection:
    """One client's connection, for one request at a time. With `keep_alive` it is used again, if the service allows that."""

    def __init__(self, address: Address, *, keep_alive: bool) -> None:
        self.address = address
        self._keep_alive = keep_alive
        self._streams: Streams | None = None

    async def connect(self) -> Streams:
        """Call it before a delay is measured, so that the delay does not contain the time to connect. Raises OSError."""
        if self._streams is None or self._streams[0].at_eof():
            self.abort()
            self._streams = await self.address.connect()
        return self._streams

    async def request(self, exchange: Exchange) -> Response:
        """Raises OSError if the service cannot be reached."""
        reader, writer = await self.connect()
        body = b""
        try:
            writer.write(exchange.outgoing)
            while not exchange.finished:
                body += exchange.feed(await reader.read(READ_BYTES))
        finally:
            if not (self._keep_alive and exchange.leaves_open):
                self.abort()
        return Response(None if exchange.cut else exchange.status, body)

    def abort(self) -> None:
        """Ends the connection without a shutdown, as when a laptop is closed."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None
