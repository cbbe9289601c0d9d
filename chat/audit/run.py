"""One audit: people sign up, each transport is tried, clients read and post and drop, come to rest, and the evidence is taken."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any

from chat.audit.connection import Address, Line
from chat.audit.feeds import Everything, Feed, Inbox, Room, Row
from chat.audit.participants import Cast, Person, cast_of
from chat.audit.plan import Plan
from chat.audit.posters import Poster, Round
from chat.audit.probe import Probed, State, probed
from chat.audit.readers import Habits, Reader
from chat.audit.reading import keep_reading
from chat.audit.service import Service, Unreachable

LAST_POST_SECONDS = 30.0
ARRIVAL_SECONDS = 30.0
LINGER_SECONDS = 0.5  # in which what comes twice would come again
POLL_SECONDS = 20  # routers of PaaS want the first byte within 30 s
AGAIN_SECONDS = 0.5
LAG_SECONDS = 0.02

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Evidence:
    """Everything there is to compare when the run is over. lags: by how many seconds this process woke up late, now and then."""

    plan: Plan
    stream: Probed
    poll: Probed
    readers: Sequence[Reader]
    posters: Sequence[Poster]
    rows: Sequence[Row]
    seconds: float
    lags: Sequence[float]


async def audit(plan: Plan, tell: Tell, left: list[str]) -> Evidence:
    """Raises Unreachable and Refused. `tell` is told what is being done; `left` names, however this ends, what it leaves behind."""
    address = Address.of(plan.url)
    await _reach(address)
    async with Service(address) as service:
        tell("making rooms and people")
        async with cast_of(service, plan, left) as cast:
            return await _measure(plan, address, cast, tell)


async def _reach(address: Address) -> None:
    """Nobody has to wait for a name that was misspelt."""
    try:
        _, writer = await address.connect()
    except OSError as error:
        raise Unreachable(str(error)) from None
    writer.transport.abort()


async def _measure(plan: Plan, address: Address, cast: Cast, tell: Tell) -> Evidence:
    tell("trying both transports")
    stream, poll = await asyncio.gather(*(_probe(address, cast, polls=polls) for polls in (False, True)))
    ways = [polls for polls, way in ((False, stream), (True, poll)) if way.state is State.WORKS]
    if not ways:
        raise Unreachable(f"neither transport works: SSE is {stream.state}, {stream.detail}; the long poll is {poll.state}, {poll.detail}")
    head = await cast.head()
    readers, posters = _readers(plan, cast, ways, head), _posters(plan, cast, address)
    lags: list[float] = []
    async with _running([_note_lags(lags), *(keep_reading(reader, address, keeps=True) for reader in readers)]):
        seconds = await _post(plan, posters, tell)
        tell("waiting for everybody to have read everything")
        rows = await cast.record(head)
        await _arrive(readers, rows)
    return Evidence(plan, stream, poll, readers, posters, rows, seconds, lags)


async def _probe(address: Address, cast: Cast, *, polls: bool) -> Probed:
    room, person = cast.rooms[0].id, cast.people[0]

    async def say() -> int:
        said = await cast.service.call("POST", f"/room/{room}/messages", person.token, json={"text": "is anybody there?"})
        return int(said["id"])

    return await probed(address, room, person.token, say, polls=polls)


async def _post(plan: Plan, posters: Sequence[Poster], tell: Tell) -> float:
    """Answers the seconds it took. Who is not answered at the end gives up: the record shows what became of that post."""
    begun = monotonic()
    async with _running([poster.run() for poster in posters]) as posting:
        for second in range(round(plan.seconds)):
            tell(f"posting: {second} of {plan.seconds:g} s, {sum(len(poster.posts) for poster in posters)} posts")
            await asyncio.wait(posting, timeout=1.0)
        await asyncio.wait(posting, timeout=max(0.0, begun + plan.seconds - monotonic()))
        for poster in posters:
            poster.stop()
        seconds = monotonic() - begun
        await asyncio.wait(posting, timeout=LAST_POST_SECONDS)
    return seconds


async def _arrive(readers: Sequence[Reader], rows: Sequence[Row]) -> None:
    """Lets everybody read up to the last event owed to them, and a moment longer."""
    for reader in readers:
        reader.aim(max((row.id for row in rows if reader.feed.owes(row)), default=0))
    waiting = [asyncio.create_task(reader.arrived.wait()) for reader in readers]
    _, late = await asyncio.wait(waiting, timeout=ARRIVAL_SECONDS)
    for task in late:
        task.cancel()
    await asyncio.sleep(LINGER_SECONDS)


@asynccontextmanager
async def _running(work: Sequence[Coroutine[Any, Any, None]]) -> AsyncIterator[list[asyncio.Task[None]]]:
    """All of it at once, until the end of the block; what went wrong in it goes wrong here."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome


async def _note_lags(lags: list[float]) -> None:
    """What of the delays is this process's own."""
    while True:
        due = monotonic() + LAG_SECONDS
        await asyncio.sleep(LAG_SECONDS)
        lags.append(monotonic() - due)


def _readers(plan: Plan, cast: Cast, ways: Sequence[bool], head: int) -> list[Reader]:
    readers = []
    for number in range(plan.clients):
        chance, place = plan.random(f"reader {number}"), number // len(ways)
        person = cast.people[place % len(cast.people)]
        habits = _habits(plan, ways[number % len(ways)], place, chance.random(), head)
        readers.append(Reader(number, _feed(cast, person, place), person.token, habits, chance))
    return readers


def _habits(plan: Plan, polls: bool, place: int, share: float, head: int) -> Habits:
    """Some come late, and want everything from the beginning. The first of each way is there at once, and has no cursor yet."""
    late = place > 0 and share < plan.late_share
    delay = plan.seconds * share / plan.late_share if late else 0.0
    start = head if late or place % 2 else None
    return Habits(polls, start, plan.stay, plan.absence, delay, poll_seconds=POLL_SECONDS)


def _feed(cast: Cast, person: Person, number: int) -> Feed:
    """Half of them read one room each."""
    rooms = [room.id for room in cast.rooms]
    one = Room(rooms[number % len(rooms)])
    if not cast.writes_directly:
        return one
    return (one, Everything(person.id, tuple(rooms)), one, Inbox(person.id))[number // len(rooms) % 4]


def _posters(plan: Plan, cast: Cast, address: Address) -> list[Poster]:
    to_rooms = [f"/api/v1/room/{room.id}/messages" for room in cast.rooms]
    direct_share = plan.direct_share if cast.writes_directly else 0.0
    posters = []
    for number in range(plan.posters):
        person, name = cast.people[number % len(cast.people)], f"audit {plan.mark} poster {number}"
        others = [f"/api/v1/user/{other.id}/messages" for other in cast.people if other is not person]
        places = Round(to_rooms, others, direct_share, plan.posters / plan.rate, AGAIN_SECONDS)
        posters.append(Poster(name, person.token, places, plan.random(f"poster {number}"), Line(address, keeps=True)))
    return posters
