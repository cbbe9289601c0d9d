"""Probes a transport before the run: a message that is posted must arrive over it within seconds."""

import asyncio
import enum
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from chat.audit.connection import Address
from chat.audit.readers import Habits, Reader, Reason
from chat.audit.subscriptions import Room
from chat.audit.transports import keep_reading

PROBE_SECONDS = 5.0  # the service answers at once: a longer delay means that something holds the bytes back
POLL_SECONDS = 0.02
FOREVER_SECONDS = 1e9

PostMessage = Callable[[], Awaitable[int]]


class TransportState(enum.StrEnum):
    """The outcome of a probe."""

    WORKS = "works"
    MUTE = "mute"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True)
class ProbeResult:
    """detail: what went wrong."""

    state: TransportState
    detail: str = ""


async def probe_transport(address: Address, room: int, token: str, post_message: PostMessage, *, polls: bool) -> ProbeResult:
    """Connects one reader to the room, then calls `post_message`, which returns the message's id."""
    reader = Reader(0, Room(room), token, Habits(polls, None, FOREVER_SECONDS, FOREVER_SECONDS), random.Random())
    reading = asyncio.create_task(keep_reading(reader, address))
    try:
        if not await _in_time(_wait_for_cursor(reader)):
            return _failure(reader, "not even its first bytes arrived")
        reader.set_goal(await post_message())
        if not await _in_time(reader.arrived.wait()):
            return _failure(reader, "it was opened, but a message that was posted did not arrive")
        return ProbeResult(TransportState.WORKS)
    finally:
        reading.cancel()


async def _wait_for_cursor(reader: Reader) -> None:
    while reader.cursor is None:
        await asyncio.sleep(POLL_SECONDS)


async def _in_time(event: Awaitable[object]) -> bool:
    try:
        await asyncio.wait_for(event, PROBE_SECONDS)
    except TimeoutError:
        return False
    return True


def _failure(reader: Reader, mute_detail: str) -> ProbeResult:
    if reader.reasons[Reason.REFUSED]:
        return ProbeResult(TransportState.REFUSED, "; ".join(reader.surprises) or "5xx each time")
    if reader.reasons[Reason.ERROR]:
        return ProbeResult(TransportState.UNREACHABLE, "its connections broke")
    return ProbeResult(TransportState.MUTE, mute_detail)
