"""HTTP over asyncio's streams: a connection for each request, to be broken at any byte, or one that is kept as browsers keep theirs."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from chat.audit.wire import Exchange

READ_BYTES = 262_144
CONNECT_SECONDS = 15.0

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True)
class Address:
    """Where a deployment is: `host` names it in requests, `base` is the path that it lives under."""

    hostname: str
    port: int
    host: str
    base: str = ""
    tls: ssl.SSLContext | None = None

    @classmethod
    def of(cls, url: str) -> "Address":
        """Raises ValueError for what is not an http or https address."""
        parts = urlsplit(url.strip().rstrip("/").removesuffix("/api/v1"))
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{url!r} is not the address of a service: it looks like https://chat.example.org")
        tls = ssl.create_default_context() if parts.scheme == "https" else None
        return cls(parts.hostname, parts.port or (443 if tls else 80), parts.netloc.rpartition("@")[2], parts.path, tls)

    async def connect(self) -> Streams:
        """Raises OSError, and TimeoutError never: that is for who waits for something of his own meanwhile."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return await asyncio.open_connection(self.hostname, self.port, ssl=self.tls)
        except TimeoutError:
            raise ConnectionError(f"nobody answered at {self.host} within {CONNECT_SECONDS:g} s") from None


@dataclass(frozen=True)
class Answer:
    """A whole answer; no status means that the connection ended before it did."""

    status: int | None
    body: bytes


@asynccontextmanager
async def opened(address: Address, exchange: Exchange) -> AsyncIterator[asyncio.StreamReader]:
    """A connection on which the request was sent; it is dropped, not closed politely."""
    reader, writer = await address.connect()
    try:
        writer.write(exchange.outgoing)
        yield reader
    finally:
        writer.transport.abort()


class Line:
    """One client's way to the service, for one request at a time; `keeps` its connection for the next one, where the service does."""

    def __init__(self, address: Address, *, keeps: bool) -> None:
        self.address = address
        self._keeps = keeps
        self._kept: Streams | None = None

    async def ready(self) -> Streams:
        """A connection to send on: a delay that is measured begins here, not before the network was reached."""
        if self._kept is None or self._kept[0].at_eof():
            self.drop()
            self._kept = await self.address.connect()
        return self._kept

    async def ask(self, exchange: Exchange) -> Answer:
        """Raises OSError where nobody is there."""
        reader, writer = await self.ready()
        body = b""
        try:
            writer.write(exchange.outgoing)
            while not exchange.finished:
                body += exchange.feed(await reader.read(READ_BYTES))
        finally:
            if not (self._keeps and exchange.leaves_open):
                self.drop()
        return Answer(None if exchange.cut else exchange.status, body)

    def drop(self) -> None:
        """Not a polite end: as when a laptop is closed."""
        if self._kept is not None:
            self._kept[1].transport.abort()
            self._kept = None
