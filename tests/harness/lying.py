"""A proxy in front of a server that treats the frames of its event streams as a broken one might; everything else it passes on."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tests.harness.server import Server

READ_BYTES = 65536
LIED_ABOUT = 3  # the message of each stream that is dropped, repeated or held back

Lie = Callable[["Liar", bytes], list[bytes]]


class Liar:
    """The frames of one stream, and what becomes of each."""

    def __init__(self, lie: Lie) -> None:
        self.messages = 0
        self.held: bytes = b""
        self._lie = lie
        self._rest = b""
        self._streams: bool | None = None

    def pass_on(self, data: bytes) -> bytes:
        """What of an answer's bytes the client gets; only an event stream is lied about."""
        self._rest += data
        if self._streams is None and b"\r\n\r\n" in self._rest:
            head, _, self._rest = self._rest.partition(b"\r\n\r\n")
            self._streams = b"text/event-stream" in head
            return head + b"\r\n\r\n" + self._pass_body()
        return self._pass_body()

    def _pass_body(self) -> bytes:
        if not self._streams:
            whole, self._rest = (self._rest, b"") if self._streams is False else (b"", self._rest)
            return whole
        *frames, self._rest = self._rest.split(b"\n\n")
        return b"".join(told + b"\n\n" for frame in frames for told in self._tell(frame))

    def _tell(self, frame: bytes) -> list[bytes]:
        self.messages += b"event: message" in frame
        return self._lie(self, frame)


def drops_one(liar: Liar, frame: bytes) -> list[bytes]:
    return [] if _is_due(liar, frame) else [frame]


def repeats_one(liar: Liar, frame: bytes) -> list[bytes]:
    return [frame, frame] if _is_due(liar, frame) else [frame]


def swaps_two(liar: Liar, frame: bytes) -> list[bytes]:
    if _is_due(liar, frame):
        liar.held = frame
        return []
    told, liar.held = [frame, liar.held] if liar.held else [frame], b""
    return told


def alters_one(liar: Liar, frame: bytes) -> list[bytes]:
    return [frame.replace(b"says", b"said")] if _is_due(liar, frame) else [frame]


def _is_due(liar: Liar, frame: bytes) -> bool:
    return liar.messages == LIED_ABOUT and b"event: message" in frame


@contextmanager
def lying_proxy(server: Server, lie: Lie) -> Iterator[str]:
    """The URL of one; its connections end with it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def listen() -> asyncio.Server:
        return await asyncio.start_server(lambda reader, writer: _relay(server.port, lie, reader, writer), "127.0.0.1", 0)

    listening = asyncio.run_coroutine_threadsafe(listen(), loop).result()
    try:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        asyncio.run_coroutine_threadsafe(_stop(listening), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _stop(listening: asyncio.Server) -> None:
    listening.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def _relay(port: int, lie: Lie, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        upstream, downstream = await asyncio.open_connection("127.0.0.1", port)
        liar = Liar(lie)
        ways = [
            asyncio.create_task(_copy(reader, downstream, lambda data: data)),
            asyncio.create_task(_copy(upstream, writer, liar.pass_on)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            downstream.transport.abort()
            writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, change: Callable[[bytes], bytes]) -> None:
    with suppress(OSError):
        while data := await reader.read(READ_BYTES):
            writer.write(change(data))
            await writer.drain()
