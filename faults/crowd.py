"""Crowds of clients that behave badly, on raw sockets, inside the load's loop."""

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

SMALL_BUFFER = 4096
TOGETHER = 200  # connections that begin at the same moment
FIRST_BYTE_SECONDS = 60.0


@dataclass(frozen=True)
class Opening:
    """How an attempt to open a stream went: seconds to the first byte, None if it never came."""

    seconds: float | None
    status: str


def stream_request(host: str, room: int, token: str, cursor: int) -> bytes:
    return (
        f"GET /api/v1/room/{room}/subscribe?after={cursor} HTTP/1.1\r\nHost: {host}\r\n"
        f"Authorization: Bearer {token}\r\nAccept: text/event-stream\r\n\r\n"
    ).encode()


async def connect(host: str, port: int, buffer: int = 0) -> socket.socket:
    """buffer: bytes that the kernel keeps for a client that does not read."""
    client = socket.socket()
    if buffer:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    client.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(client, (host, port))
    except BaseException:
        client.close()
        raise
    return client


async def silent_readers(port: int, count: int, request: bytes) -> list[socket.socket]:
    """Streams that nobody reads from."""
    loop = asyncio.get_running_loop()
    clients = []
    for _ in range(count):
        client = await connect("127.0.0.1", port, SMALL_BUFFER)
        await loop.sock_sendall(client, request)
        clients.append(client)
    return clients


def closed_by_server(clients: Sequence[socket.socket]) -> int:
    """How many of them the service has given up; what was sent before is read first."""
    return sum(map(_is_closed, clients))


def _is_closed(client: socket.socket) -> bool:
    try:
        while client.recv(65536):
            pass
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


async def trickle_in(port: int, request: bytes, every: float) -> None:
    """Sends its request a byte at a time, again and again."""
    loop = asyncio.get_running_loop()
    while True:
        client = None
        try:
            client = await connect("127.0.0.1", port)
            for place in range(len(request)):
                await loop.sock_sendall(client, request[place : place + 1])
                await asyncio.sleep(every)
        except OSError:
            await asyncio.sleep(every)
        finally:
            if client:
                client.close()


async def trickle_out(port: int, request: bytes, every: float) -> None:
    """Reads its stream a byte at a time."""
    loop = asyncio.get_running_loop()
    while True:
        client = None
        try:
            client = await connect("127.0.0.1", port, SMALL_BUFFER)
            await loop.sock_sendall(client, request)
            while await loop.sock_recv(client, 1):
                await asyncio.sleep(every)
        except OSError:
            pass
        finally:
            if client:
                client.close()
        await asyncio.sleep(every)


async def storm(port: int, count: int, request: bytes) -> tuple[list[Opening], list[socket.socket]]:
    """All at once, as after a deploy; the streams stay open."""
    results = await asyncio.gather(*(_open(port, request) for _ in range(count)))
    return [opening for opening, _ in results], [client for _, client in results if client is not None]


async def _open(port: int, request: bytes) -> tuple[Opening, socket.socket | None]:
    loop, begun = asyncio.get_running_loop(), monotonic()
    client = None
    try:
        async with asyncio.timeout(FIRST_BYTE_SECONDS):
            client = await connect("127.0.0.1", port)
            await loop.sock_sendall(client, request)
            first = await loop.sock_recv(client, 65536)
    except TimeoutError:
        opening = Opening(None, "no answer")
    except OSError:
        opening = Opening(None, "connection lost")
    else:
        status = first[9:12].decode(errors="replace")
        opening = Opening(monotonic() - begun, status)
        if status == "200":
            return opening, client
    if client:
        client.close()
    return opening, None
