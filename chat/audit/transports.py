"""Reading over SSE or the long poll: drops at random and resumes from the last id, as a browser or a script does."""

import asyncio
import json
from time import monotonic

from chat.audit.connection import READ_BYTES, Address, Connection, open_response
from chat.audit.readers import SHOWN_BYTES, Reader, Reason
from chat.audit.sse_parser import Frame, FrameParser

UNEXPECTED = frozenset({"reset", "end"})
SILENCE_SECONDS = 75.0  # heartbeats come every 50 s at most: a stream that is silent for longer is broken


async def keep_reading(reader: Reader, address: Address, *, keep_alive: bool = False) -> None:
    """Reconnects again and again until the reader's goal is reached. keep_alive: long polls use one connection."""
    connection = Connection(address, keep_alive=keep_alive)
    await asyncio.sleep(reader.habits.delay)
    try:
        while not reader.arrived.is_set():
            reason = await _read_for_a_stay(reader, connection)
            connection.abort()
            if reason is None:
                return
            reader.reasons[reason] += 1
            await asyncio.sleep(reader.pause(reason))
    finally:
        connection.abort()


async def _read_for_a_stay(reader: Reader, connection: Connection) -> Reason | None:
    stay = None if reader.goal is not None else reader.random.expovariate(1 / reader.habits.stay)
    read = read_polls if reader.habits.polls else read_stream
    try:
        async with asyncio.timeout(stay):
            return await read(reader, connection)
    except TimeoutError:
        return Reason.CUT
    except OSError:
        return Reason.ERROR


async def read_stream(reader: Reader, connection: Connection) -> Reason | None:
    """Reads one stream to its end. Returns None if the reader has arrived at its goal."""
    address = connection.address
    exchange = reader.exchange(address.host, address.base, reader.random.random() < 0.5, "text/event-stream")
    parser, body, reason = FrameParser(), b"", Reason.CLOSED
    async with open_response(address, exchange) as incoming:
        requested, reader.connected_since = monotonic(), 0.0
        while not exchange.finished and not reader.arrived.is_set():
            data = await _read_within(incoming, SILENCE_SECONDS)
            if data is None:
                return Reason.SILENT
            body = exchange.feed(data)
            frames = parser.feed(body) if exchange.status == 200 else []
            if frames and not reader.connected_since:
                reader.connected_since = monotonic()
                reader.first_bytes.append(reader.connected_since - requested)
            reason = _handle_frames(reader, frames) or reason
    if exchange.status != 200:
        return reader.refusal(exchange.status, body)
    return None if reader.arrived.is_set() else reason


async def _read_within(incoming: asyncio.StreamReader, seconds: float) -> bytes | None:
    try:
        async with asyncio.timeout(seconds):
            return await incoming.read(READ_BYTES)
    except TimeoutError:
        return None


def _handle_frames(reader: Reader, frames: list[Frame]) -> Reason | None:
    """Returns why the stream ends, if one of the frames says so."""
    reason = None
    for frame in frames:
        _handle_frame(reader, frame)
        if frame.event in {"bye", "end"}:
            reason = Reason(frame.event)
    return reason


def _handle_frame(reader: Reader, frame: Frame) -> None:
    if frame.retry is not None:
        reader.retry_seconds = frame.retry / 1000
    if frame.event in UNEXPECTED:
        reader.add_surprise(str(frame))
    elif frame.id is not None and frame.event not in {None, "heartbeat"}:
        _receive_event(reader, frame)
    if frame.id is not None:
        reader.advance(frame.id)


def _receive_event(reader: Reader, frame: Frame) -> None:
    try:
        event = frame.json()
        if event["id"] != frame.id:
            reader.add_surprise(f"a frame's id is not its event's: {frame}")
        reader.receive(event)
    except (ValueError, TypeError, KeyError):
        reader.add_surprise(f"not an event: {str(frame)[:SHOWN_BYTES]}")


async def read_polls(reader: Reader, connection: Connection) -> Reason | None:
    """Polls until a poll is refused. Returns None if the reader has arrived at its goal."""
    address = connection.address
    await connection.connect()
    reader.connected_since = monotonic()
    while not reader.arrived.is_set():
        wait, requested, without_cursor = reader.habits.poll_seconds, monotonic(), reader.cursor is None
        async with asyncio.timeout(SILENCE_SECONDS):
            response = await connection.request(reader.exchange(address.host, address.base, False, "application/json", wait=wait))
        if response.status != 200:
            return reader.refusal(response.status, response.body)
        if without_cursor:  # such a poll is answered at once
            reader.first_bytes.append(monotonic() - requested)
        if not _handle_poll(reader, response.body):
            return Reason.REFUSED
    return None


def _handle_poll(reader: Reader, body: bytes) -> bool:
    """Returns whether the body is a long poll's answer."""
    try:
        page = json.loads(body)
        for event in page["events"]:
            reader.receive(event)
        reader.advance(page["cursor"])
    except (ValueError, TypeError, KeyError):
        reader.add_surprise(f"not a long poll's answer: {body[:SHOWN_BYTES]!r}")
        return False
    return True
