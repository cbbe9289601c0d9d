"""One audit: signs people up, probes both transports, lets clients read, post and drop, and collects the evidence."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any

from chat.audit.api_client import ApiClient, Unreachable
from chat.audit.connection import Address, Connection
from chat.audit.participants import Participants, Person, participants_of
from chat.audit.plan import Plan
from chat.audit.posters import Poster, Targets
from chat.audit.probe import ProbeResult, TransportState, probe_transport
from chat.audit.readers import Habits, Reader
from chat.audit.subscriptions import Everything, Inbox, Room, Row, Subscription
from chat.audit.transports import keep_reading

LAST_POST_SECONDS = 30.0
ARRIVAL_SECONDS = 30.0
LINGER_SECONDS = 0.5  # time for a repeated event to arrive
POLL_SECONDS = 20  # PaaS routers need the first byte within 30 s
RETRY_SECONDS = 0.5
LAG_SECONDS = 0.02

ShowProgress = Callable[[str], None]


@dataclass(frozen=True)
class Evidence:
    """All that the report needs. lags: by how many seconds this process woke up late, sampled during the run."""

    plan: Plan
    sse: ProbeResult
    long_poll: ProbeResult
    readers: Sequence[Reader]
    posters: Sequence[Poster]
    rows: Sequence[Row]
    seconds: float
    lags: Sequence[float]


async def run_audit(plan: Plan, show_progress: ShowProgress, leftovers: list[str]) -> Evidence:
    """Raises Unreachable and Refused. `leftovers` gets what could not be removed, however the audit ends."""
    address = Address.of(plan.url)
    await _check_reachable(address)
    async with aclosing(ApiClient(address)) as client:
        show_progress("making rooms and people")
        async with participants_of(client, plan, leftovers) as participants:
            return await _measure(plan, address, participants, show_progress)


async def _check_reachable(address: Address) -> None:
    """Fails at once on a misspelt name, before any retry. Raises Unreachable."""
    try:
        _, writer = await address.connect()
    except OSError as error:
        raise Unreachable(str(error)) from None
    writer.transport.abort()


async def _measure(plan: Plan, address: Address, participants: Participants, show_progress: ShowProgress) -> Evidence:
    show_progress("probing both transports")
    sse, long_poll = await asyncio.gather(*(_probe(address, participants, polls=polls) for polls in (False, True)))
    working = [polls for polls, probe in ((False, sse), (True, long_poll)) if probe.state is TransportState.WORKS]
    if not working:
        raise Unreachable(
            f"neither transport works: SSE is {sse.state}, {sse.detail}; the long poll is {long_poll.state}, {long_poll.detail}"
        )
    head = await participants.head()
    readers, posters = _readers(plan, participants, working, head), _posters(plan, participants, address)
    lags: list[float] = []
    async with _running([_measure_lag(lags), *(keep_reading(reader, address, keep_alive=True) for reader in readers)]):
        seconds = await _post(plan, posters, show_progress)
        show_progress("waiting until every client has read everything")
        rows = await participants.record(head)
        await _wait_for_readers(readers, rows)
    return Evidence(plan, sse, long_poll, readers, posters, rows, seconds, lags)


async def _probe(address: Address, participants: Participants, *, polls: bool) -> ProbeResult:
    room, person = participants.rooms[0].id, participants.people[0]

    async def post_message() -> int:
        path = f"/room/{room}/messages"
        message = await participants.client.call("POST", path, person.token, json={"text": "is anybody there?"})
        return int(message["id"])

    return await probe_transport(address, room, person.token, post_message, polls=polls)


async def _post(plan: Plan, posters: Sequence[Poster], show_progress: ShowProgress) -> float:
    """Returns the seconds it took. A poster without an answer at the end gives up: the record shows what became of its post."""
    began = monotonic()
    async with _running([poster.run() for poster in posters]) as posting:
        for second in range(round(plan.seconds)):
            show_progress(f"posting: {second} of {plan.seconds:g} s, {sum(len(poster.posts) for poster in posters)} posts")
            await asyncio.wait(posting, timeout=1.0)
        await asyncio.wait(posting, timeout=max(0.0, began + plan.seconds - monotonic()))
        for poster in posters:
            poster.stop()
        seconds = monotonic() - began
        await asyncio.wait(posting, timeout=LAST_POST_SECONDS)
    return seconds


async def _wait_for_readers(readers: Sequence[Reader], rows: Sequence[Row]) -> None:
    """Waits until every reader has the last event of its subscription, and LINGER_SECONDS longer."""
    for reader in readers:
        reader.set_goal(max((row.id for row in rows if reader.subscription.includes(row)), default=0))
    waiting = [asyncio.create_task(reader.arrived.wait()) for reader in readers]
    _, late = await asyncio.wait(waiting, timeout=ARRIVAL_SECONDS)
    for task in late:
        task.cancel()
    await asyncio.sleep(LINGER_SECONDS)


@asynccontextmanager
async def _running(work: Sequence[Coroutine[Any, Any, None]]) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Runs the coroutines until the end of the block, and raises their first error there."""
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


async def _measure_lag(lags: list[float]) -> None:
    """Measures this process's own part of the delays."""
    while True:
        due = monotonic() + LAG_SECONDS
        await asyncio.sleep(LAG_SECONDS)
        lags.append(monotonic() - due)


def _readers(plan: Plan, participants: Participants, working: Sequence[bool], head: int) -> list[Reader]:
    readers = []
    for number in range(plan.clients):
        rng, place = plan.random(f"reader {number}"), number // len(working)
        person = participants.people[place % len(participants.people)]
        habits = _habits(plan, working[number % len(working)], place, rng.random(), head)
        readers.append(Reader(number, _subscription(participants, person, place), person.token, habits, rng))
    return readers


def _habits(plan: Plan, polls: bool, place: int, share: float, head: int) -> Habits:
    """Some readers come late and want all events. The first reader of each transport starts at once, without a cursor."""
    late = place > 0 and share < plan.late_share
    delay = plan.seconds * share / plan.late_share if late else 0.0
    start = head if late or place % 2 else None
    return Habits(polls, start, plan.stay, plan.absence, delay, poll_seconds=POLL_SECONDS)


def _subscription(participants: Participants, person: Person, number: int) -> Subscription:
    """Half of the readers read one room each."""
    rooms = [room.id for room in participants.rooms]
    one = Room(rooms[number % len(rooms)])
    if not participants.use_direct_messages:
        return one
    return (one, Everything(person.id, tuple(rooms)), one, Inbox(person.id))[number // len(rooms) % 4]


def _posters(plan: Plan, participants: Participants, address: Address) -> list[Poster]:
    to_rooms = [f"/api/v1/room/{room.id}/messages" for room in participants.rooms]
    direct_share = plan.direct_share if participants.use_direct_messages else 0.0
    posters = []
    for number in range(plan.posters):
        person, name = participants.people[number % len(participants.people)], f"audit {plan.mark} poster {number}"
        others = [f"/api/v1/user/{other.id}/messages" for other in participants.people if other is not person]
        targets = Targets(to_rooms, others, direct_share, plan.posters / plan.rate, RETRY_SECONDS)
        posters.append(Poster(name, person.token, targets, plan.random(f"poster {number}"), Connection(address, keep_alive=True)))
    return posters
