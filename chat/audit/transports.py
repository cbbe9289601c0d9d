"""Reading on either transport: dropping at random, and coming back with the last id that was given, as a browser or a script does."""

import asyncio
import json
from time import monotonic

from chat.audit.connection import READ_BYTES, Address, Line, opened
from chat.audit.frames import Frame, FrameParser
from chat.audit.readers import SHOWN_BYTES, Reader, Reason

UNEXPECTED = frozenset({"reset", "end"})
SILENCE_SECONDS = 75.0  # heartbeats come every 50 s at most: a stream that is silent for longer is broken


async def read_stream(reader: Reader, line: Line) -> Reason | None:
    """One stream to its end; None where there was no more to wait for."""
    address = line.address
    exchange = reader.exchange(address.host, address.base, reader.random.random() < 0.5, "text/event-stream")
    parser, body, reason = FrameParser(), b"", Reason.CLOSED
    async with opened(address, exchange) as incoming:
        asked, reader.since = monotonic(), 0.0
        while not exchange.finished and not reader.arrived.is_set():
            data = await _within(incoming, SILENCE_SECONDS)
            if data is None:
                return Reason.SILENT
            body = exchange.feed(data)
            frames = parser.feed(body) if exchange.status == 200 else []
            if frames and not reader.since:
                reader.since = monotonic()
                reader.first_bytes.append(reader.since - asked)
            reason = _take_all(reader, frames) or reason
    if exchange.status != 200:
        return reader.refusal(exchange.status, body)
    return None if reader.arrived.is_set() else reason


async def _within(incoming: asyncio.StreamReader, seconds: float) -> bytes | None:
    try:
        async with asyncio.timeout(seconds):
            return await incoming.read(READ_BYTES)
    except TimeoutError:
        return None


def _take_all(reader: Reader, frames: list[Frame]) -> Reason | None:
    """What the last of the frames says about the stream's end, if they say anything."""
    reason = None
    for frame in frames:
        _take(reader, frame)
        if frame.event in {"bye", "end"}:
            reason = Reason(frame.event)
    return reason


def _take(reader: Reader, frame: Frame) -> None:
    if frame.retry is not None:
        reader.retry_seconds = frame.retry / 1000
    if frame.event in UNEXPECTED:
        reader.wonder(str(frame))
    elif frame.id is not None and frame.event not in {None, "heartbeat"}:
        _see(reader, frame)
    if frame.id is not None:
        reader.move_to(frame.id)


def _see(reader: Reader, frame: Frame) -> None:
    try:
        event = frame.json()
        if event["id"] != frame.id:
            reader.wonder(f"a frame's id is not its event's: {frame}")
        reader.see(event)
    except (ValueError, TypeError, KeyError):
        reader.wonder(f"not an event: {str(frame)[:SHOWN_BYTES]}")


async def read_polls(reader: Reader, line: Line) -> Reason | None:
    """Polls until it is refused; None where there was no more to wait for."""
    address = line.address
    await line.ready()
    reader.since = monotonic()
    while not reader.arrived.is_set():
        wait, asked, fresh = reader.habits.poll_seconds, monotonic(), reader.cursor is None
        async with asyncio.timeout(SILENCE_SECONDS):
            answer = await line.ask(reader.exchange(address.host, address.base, False, "application/json", wait=wait))
        if answer.status != 200:
            return reader.refusal(answer.status, answer.body)
        if fresh:  # without a cursor it is answered at once
            reader.first_bytes.append(monotonic() - asked)
        if not _take_answer(reader, answer.body):
            return Reason.REFUSED
    return None


def _take_answer(reader: Reader, body: bytes) -> bool:
    try:
        polled = json.loads(body)
        for event in polled["events"]:
            reader.see(event)
        reader.move_to(polled["cursor"])
    except (ValueError, TypeError, KeyError):
        reader.wonder(f"not a long poll's answer: {body[:SHOWN_BYTES]!r}")
        return False
    return True


async def keep_reading(reader: Reader, address: Address, *, keeps: bool = False) -> None:
    """Comes back again and again; only when the posting is over does it stay. keeps: its connection, between polls."""
    line = Line(address, keeps=keeps)
    await asyncio.sleep(reader.habits.delay)
    try:
        while not reader.arrived.is_set():
            reason = await _stay(reader, line)
            line.drop()
            if reason is None:
                return
            reader.reasons[reason] += 1
            await asyncio.sleep(reader.pause(reason))
    finally:
        line.drop()


async def _stay(reader: Reader, line: Line) -> Reason | None:
    stay = None if reader.goal is not None else reader.random.expovariate(1 / reader.habits.stay)
    way = read_polls if reader.habits.polls else read_stream
    try:
        async with asyncio.timeout(stay):
            return await way(reader, line)
    except TimeoutError:
        return Reason.CUT
    except OSError:
        return Reason.ERROR
