"""Whether a transport works at all between here and the service: what is posted must come out of it, and soon."""

import asyncio
import enum
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from chat.audit.connection import Address
from chat.audit.feeds import Room
from chat.audit.readers import Habits, Reader, Reason
from chat.audit.reading import keep_reading

PROBE_SECONDS = 5.0  # the service answers at once: whatever takes longer waits for something else
BETWEEN_LOOKS_SECONDS = 0.02
FOR_GOOD = 1e9

Say = Callable[[], Awaitable[int]]


class State(enum.StrEnum):
    """What a transport turned out to be."""

    WORKS = "works"
    MUTE = "mute"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True)
class Probed:
    """detail: what happened instead of working."""

    state: State
    detail: str = ""


async def probed(address: Address, room: int, token: str, say: Say, *, polls: bool) -> Probed:
    """One reader of the room that is there before `say` posts to it, and answers the message's id."""
    reader = Reader(0, Room(room), token, Habits(polls, None, FOR_GOOD, FOR_GOOD), random.Random())
    reading = asyncio.create_task(keep_reading(reader, address))
    try:
        if not await _in_time(_begun(reader)):
            return _silent(reader, "not even its first bytes arrived")
        reader.aim(await say())
        if not await _in_time(reader.arrived.wait()):
            return _silent(reader, "it was opened, but what was posted did not come")
        return Probed(State.WORKS)
    finally:
        reading.cancel()


async def _begun(reader: Reader) -> None:
    while reader.cursor is None:
        await asyncio.sleep(BETWEEN_LOOKS_SECONDS)


async def _in_time(wanted: Awaitable[object]) -> bool:
    try:
        await asyncio.wait_for(wanted, PROBE_SECONDS)
    except TimeoutError:
        return False
    return True


def _silent(reader: Reader, otherwise: str) -> Probed:
    if reader.reasons[Reason.REFUSED]:
        return Probed(State.REFUSED, "; ".join(reader.surprises) or "5xx each time")
    if reader.reasons[Reason.ERROR]:
        return Probed(State.UNREACHABLE, "its connections broke")
    return Probed(State.MUTE, otherwise)
