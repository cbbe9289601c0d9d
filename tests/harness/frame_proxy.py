"""A proxy that drops, repeats, swaps or alters a frame of each event stream, as a broken one might. It passes everything else on."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tests.harness.server import Server

READ_BYTES = 65536
CHANGED_MESSAGE = 3  # the message of each stream that is dropped, repeated or held back

Change = Callable[["StreamFrames", bytes], list[bytes]]


class StreamFrames:
    """One response. If it is an event stream, `change` decides which frames its client gets."""

    def __init__(self, change: Change) -> None:
        self.messages = 0
        self.held: bytes = b""
        self._change = change
        self._rest = b""
        self._is_stream: bool | None = None  # None until the head has been read

    def pass_on(self, data: bytes) -> bytes:
        """Returns the bytes that the client gets. Only an event stream is changed."""
        self._rest += data
        if self._is_stream is None and b"\r\n\r\n" in self._rest:
            head, _, self._rest = self._rest.partition(b"\r\n\r\n")
            self._is_stream = b"text/event-stream" in head
            return head + b"\r\n\r\n" + self._pass_body()
        return self._pass_body()

    def _pass_body(self) -> bytes:
        if not self._is_stream:
            whole, self._rest = (self._rest, b"") if self._is_stream is False else (b"", self._rest)
            return whole
        *frames, self._rest = self._rest.split(b"\n\n")
        return b"".join(sent + b"\n\n" for frame in frames for sent in self._changed(frame))

    def _changed(self, frame: bytes) -> list[bytes]:
        self.messages += b"event: message" in frame
        return self._change(self, frame)


def drops_one(stream: StreamFrames, frame: bytes) -> list[bytes]:
    return [] if _is_due(stream, frame) else [frame]


def repeats_one(stream: StreamFrames, frame: bytes) -> list[bytes]:
    return [frame, frame] if _is_due(stream, frame) else [frame]


def swaps_two(stream: StreamFrames, frame: bytes) -> list[bytes]:
    if _is_due(stream, frame):
        stream.held = frame
        return []
    sent, stream.held = [frame, stream.held] if stream.held else [frame], b""
    return sent


def alters_one(stream: StreamFrames, frame: bytes) -> list[bytes]:
    return [frame.replace(b"says", b"said")] if _is_due(stream, frame) else [frame]


def _is_due(stream: StreamFrames, frame: bytes) -> bool:
    return stream.messages == CHANGED_MESSAGE and b"event: message" in frame


@contextmanager
def frame_proxy(server: Server, change: Change) -> Iterator[str]:
    """Yields the URL of a proxy. Its connections end with it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def listen() -> asyncio.Server:
        return await asyncio.start_server(lambda reader, writer: _relay(server.port, change, reader, writer), "127.0.0.1", 0)

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


async def _relay(port: int, change: Change, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        upstream, downstream = await asyncio.open_connection("127.0.0.1", port)
        stream = StreamFrames(change)
        directions = [
            asyncio.create_task(_copy(reader, downstream, lambda data: data)),
            asyncio.create_task(_copy(upstream, writer, stream.pass_on)),
        ]
        try:
            await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for direction in directions:
                direction.cancel()
            downstream.transport.abort()
            writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, through: Callable[[bytes], bytes]) -> None:
    with suppress(OSError):
        while data := await reader.read(READ_BYTES):
            writer.write(through(data))
            await writer.drain()
