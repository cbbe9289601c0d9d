"""One run: people sign up, readers and posters start, faults are injected, everything comes to rest, and the evidence is taken."""

import asyncio
import itertools
import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from chat.audit.connection import Address, Connection
from chat.audit.posters import Poster, Targets
from chat.audit.readers import Habits, Reader
from chat.audit.subscriptions import Everything, Inbox, Room, Subscription
from chat.audit.transports import keep_reading
from tests.harness.deadline import eventually
from tests.harness.people import Person
from tests.torture.corrector import Corrector
from tests.torture.faults import FAULTS
from tests.torture.log_checker import check_log
from tests.torture.plan import Plan
from tests.torture.stage import Stage, staged
from tests.torture.verdict import Evidence

LAST_POST_SECONDS = 90.0  # a deadline for a machine that others load: on an idle one the last post takes milliseconds
ARRIVAL_SECONDS = 25.0
AFTER_REFUSAL_SECONDS = 0.1
PATIENCE = 8  # times as long as planned, for the events that are wanted


@dataclass(frozen=True)
class Participants:
    """The participants: people, signed up before the first fault, and the owner of each room, who is a member of it."""

    people: Sequence[Person]
    rooms: Mapping[int, Person]

    def own(self, person: Person) -> tuple[int, ...]:
        return tuple(room for room, owner in self.rooms.items() if owner is person)


def torture(plan: Plan) -> Evidence:
    """The evidence of a whole run on servers of its own."""
    with staged(plan) as stage:
        try:
            return asyncio.run(_run(stage, plan, _participants(stage, plan)))
        except AssertionError as error:
            error.add_note(stage.server.last_lines())
            raise


def _participants(stage: Stage, plan: Plan) -> Participants:
    people = [Person.signed_in(stage.server, "person") for _ in range(plan.people)]
    rooms = {owner.create_room()["id"]: owner for owner in people[: plan.rooms]}
    for person in people:
        person.close()
    return Participants(people, rooms)


async def _run(stage: Stage, plan: Plan, participants: Participants) -> Evidence:
    address = Address.of(stage.server.url)
    readers, posters = _readers(plan, participants, stage.head()), _posters(plan, participants, address)
    reading = [asyncio.create_task(keep_reading(reader, address)) for reader in readers]
    correctors = _correctors(plan, participants, posters, address)
    writers: list[Poster | Corrector] = [*posters, *correctors]
    posting = [asyncio.create_task(one.run()) for one in writers]
    injected = await asyncio.to_thread(_inject, stage, plan, readers)
    for one in writers:
        one.stop()
    await asyncio.wait_for(asyncio.gather(*posting), LAST_POST_SECONDS)
    await asyncio.to_thread(stage.server.wait_until_whole)
    await _arrive(readers, reading, stage.head())
    log_ids = await asyncio.to_thread(_log_at_rest, stage, plan)
    wonders = [line for corrector in correctors for line in corrector.surprises]
    return Evidence(stage.head(), stage.rows(), log_ids, readers, posters, injected, stage.erased(), wonders)


async def _arrive(readers: Sequence[Reader], reading: Sequence[asyncio.Task[None]], head: int) -> None:
    """Lets all readers read up to the last committed event. A reader that does not get there is stopped and reported."""
    for reader in readers:
        reader.set_goal(head)
    _, late = await asyncio.wait(reading, timeout=ARRIVAL_SECONDS)
    for task in late:
        task.cancel()
    for outcome in await asyncio.gather(*reading, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome


def _inject(stage: Stage, plan: Plan, readers: Sequence[Reader]) -> Counter[str]:
    """All faults in a random order, again and again until the time is over, and each at least once."""
    chance = plan.random("faults")
    injected: Counter[str] = Counter()
    began = time.monotonic()
    for number, name in enumerate(_endless(plan)):
        if number >= len(plan.faults) and _is_enough(stage, plan, readers, time.monotonic() - began):
            return injected
        time.sleep(chance.expovariate(1 / plan.calm))
        FAULTS[name](stage, chance)
        injected[name] += 1
    time.sleep(plan.seconds)  # a run without faults
    return injected


def _is_enough(stage: Stage, plan: Plan, readers: Sequence[Reader], seconds: float) -> bool:
    """A run on a slow machine takes longer until enough was posted and every reader has resumed often enough to prove something."""
    steady = [reader for reader in readers if not reader.habits.delay and reader.resumes < plan.resumes_each]
    return seconds > plan.seconds * PATIENCE or (seconds > plan.seconds and stage.head() >= plan.events and not steady)


def _endless(plan: Plan) -> Iterator[str]:
    chance = plan.random("order")
    rounds = itertools.repeat(plan.faults) if plan.faults else ()
    return itertools.chain.from_iterable(chance.sample(names, len(names)) for names in rounds)


def _log_at_rest(stage: Stage, plan: Plan) -> list[int]:
    """The log after the time that an idle worker needs to heal it."""
    with suppress(AssertionError):  # the verdict says what is wrong with it
        eventually(lambda: not check_log(stage.log_ids(), stage.head(), stage.erased()), plan.healing)
    return stage.log_ids()


def _readers(plan: Plan, participants: Participants, head: int) -> list[Reader]:
    chance = plan.random("readers")
    rooms = list(participants.rooms)
    feeds: list[tuple[Subscription, Person]] = []
    for _ in range(plan.room_readers):
        feeds.append((Room(chance.choice(rooms)), chance.choice(participants.people)))
    for _ in range(plan.many_readers):
        person = chance.choice(participants.people)
        named = tuple(chance.sample(rooms, chance.randint(1, len(rooms))))
        feeds.append((Everything(person.id, participants.own(person), named), person))
    for person, _ in zip(itertools.cycle(participants.people), range(plan.inbox_readers)):
        feeds.append((Inbox(person.id), person))
    return [_reader(number, feed, person, plan, head) for number, (feed, person) in enumerate(feeds)]


def _reader(number: int, feed: Subscription, person: Person, plan: Plan, head: int) -> Reader:
    chance = plan.random(f"reader {number}")
    return Reader(number, feed, person.token, _habits(plan, chance, head), chance)


def _habits(plan: Plan, chance: random.Random, head: int) -> Habits:
    """Starts without a cursor, before the first event, or at the newest: the cursors that clients have.

    Some come late, in the middle of whatever fault there is, and want everything from the first event on."""
    polls = chance.random() < plan.polling_share
    late = chance.random() < plan.late_share
    delay = chance.uniform(0, plan.seconds) if late else 0.0
    start = 0 if late else chance.choice((None, 0, head))
    return Habits(polls, start, plan.stay, plan.absence, delay, retry_seconds=AFTER_REFUSAL_SECONDS)


def _posters(plan: Plan, participants: Participants, address: Address) -> list[Poster]:
    """Each request has a connection of its own, because connections are what this test breaks, and the next may go to another worker."""
    to_rooms = [f"/api/v1/room/{room}/messages" for room in participants.rooms]
    posters = []
    for number, person in enumerate(participants.people[: plan.posters]):
        name = f"poster {number}"
        others = [f"/api/v1/user/{other.id}/messages" for other in participants.people if other is not person]
        targets = Targets(to_rooms, others, plan.direct_share, plan.posting_pause)
        posters.append(Poster(name, person.token, targets, plan.random(name), Connection(address, keep_alive=False)))
    return posters


def _correctors(plan: Plan, participants: Participants, posters: Sequence[Poster], address: Address) -> list[Corrector]:
    """For half of the posters: the texts of the others stay unchanged, and are compared with the readings."""
    pairs = list(zip(posters, participants.people, strict=False))[::2]
    return [
        Corrector(
            poster, person.token, plan.random(f"corrector of {poster.name}"), Connection(address, keep_alive=False), plan.correcting_pause
        )
        for poster, person in pairs
    ]
