"""HTTP over asyncio's streams, one request a connection, because connections are what this test breaks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.harness.wire import Exchange

READ_BYTES = 262_144
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Answer:
    """A whole answer; no status means that the connection ended before it did."""

    status: int | None
    body: bytes


@asynccontextmanager
async def opened(port: int, exchange: Exchange) -> AsyncIterator[asyncio.StreamReader]:
    """A connection on which the request was sent; it is dropped, not closed politely."""
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write(exchange.outgoing)
        yield reader
    finally:
        writer.transport.abort()


async def ask(port: int, exchange: Exchange) -> Answer:
    body = b""
    async with opened(port, exchange) as reader:
        while not exchange.finished:
            body += exchange.feed(await reader.read(READ_BYTES))
    return Answer(None if exchange.cut else exchange.status, body)
