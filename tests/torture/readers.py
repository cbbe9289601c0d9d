"""Readers that drop at random and come back with the last id they were given, as a browser or a script does."""

import asyncio
import json
import random
from typing import Any

from chat.audit.checker import Reading
from tests.harness.frames import Frame, FrameParser
from tests.harness.wire import Exchange, target
from tests.torture.connection import HOST, READ_BYTES, ask, opened
from tests.torture.feeds import Feed
from tests.torture.plan import Plan

POLL_SECONDS = 2
AFTER_REFUSAL_SECONDS = 0.1
UNEXPECTED = ("reset", "end")


class Reader:
    """What one reader saw so far. It reads until it has reached its `goal`, which is set when the faults are over."""

    def __init__(self, number: int, feed: Feed, token: str, plan: Plan, head: int) -> None:
        """Begins with nothing, before the first event there is, or at the newest: the cursors that clients come with.

        Some come late, in the middle of whatever fault there is, and want everything from the first event on."""
        self.random: random.Random = plan.random(f"reader {number}")
        self.polls = self.random.random() < plan.polling_share
        self.name = f"reader {number} ({type(feed).__name__}, {'long poll' if self.polls else 'SSE'})"
        self.feed = feed
        self.late = self.random.random() < plan.late_share
        self.delay = self.random.uniform(0, plan.seconds) if self.late else 0.0
        self.start = self.cursor = 0 if self.late else self.random.choice((None, 0, head))
        self.seen: list[tuple[int, str]] = []
        self.surprises: list[str] = []
        self.resumes = 0
        self.refusals = 0
        self.goal: int | None = None
        self.plan = plan
        self._token = token

    @property
    def has_arrived(self) -> bool:
        return self.goal is not None and (self.cursor or 0) >= self.goal

    def reading(self, head: int) -> Reading:
        start = head if self.start is None else self.start
        return Reading(self.name, start, head, [event_id for event_id, _ in self.seen])

    def move_to(self, cursor: int) -> None:
        self.start = cursor if self.start is None else self.start
        self.cursor = cursor

    def see(self, event: dict[str, Any]) -> None:
        self.seen.append((event["id"], event.get("text", event["kind"])))

    def exchange(self, by_header: bool, accept: str, **query: object) -> Exchange:
        """The request that resumes: the cursor goes into the header or into the query."""
        headers = {"Host": HOST, "Authorization": f"Bearer {self._token}", "Accept": accept}
        after = None if by_header else self.cursor
        if by_header and self.cursor is not None:
            headers["Last-Event-ID"] = str(self.cursor)
        return Exchange("GET", target(self.feed.path(), **self.feed.query(), after=after, **query), headers)

    def note_status(self, status: int | None, body: bytes = b"") -> bool:
        """Whether it was an answer to read. Being refused for a while is part of the faults; a 4xx or a 204 is not."""
        if status == 200:
            return True
        self.refusals += 1
        if status is not None and status < 500:
            self.surprises.append(f"{self.name}: {status} {body[:300]!r}")
        return False


async def read_stream(reader: Reader, port: int) -> None:
    exchange = reader.exchange(reader.random.random() < 0.5, "text/event-stream")
    parser = FrameParser()
    body = b""
    async with opened(port, exchange) as incoming:
        while not exchange.finished and not reader.has_arrived:
            body = exchange.feed(await incoming.read(READ_BYTES))
            if exchange.status == 200:
                _take_all(reader, parser.feed(body))
    if not reader.note_status(exchange.status, body):
        await asyncio.sleep(AFTER_REFUSAL_SECONDS)


def _take_all(reader: Reader, frames: list[Frame]) -> None:
    for frame in frames:
        if frame.id is not None:
            reader.move_to(frame.id)
        if frame.event in UNEXPECTED:
            reader.surprises.append(f"{reader.name}: {frame}")
        elif frame.id is not None and frame.event not in (None, "heartbeat"):
            event = frame.json()
            assert event["id"] == frame.id, frame
            reader.see(event)


async def read_polls(reader: Reader, port: int) -> None:
    while not reader.has_arrived:
        answer = await ask(port, reader.exchange(False, "application/json", wait=POLL_SECONDS))
        if not reader.note_status(answer.status, answer.body):
            await asyncio.sleep(AFTER_REFUSAL_SECONDS)
            continue
        polled = json.loads(answer.body)
        for event in polled["events"]:
            reader.see(event)
        reader.move_to(polled["cursor"])


async def keep_reading(reader: Reader, port: int) -> None:
    """Comes back again and again; only when the faults are over does it stay."""
    way = read_polls if reader.polls else read_stream
    await asyncio.sleep(reader.delay)
    while not reader.has_arrived:
        stay = None if reader.goal is not None else reader.random.expovariate(1 / reader.plan.stay)
        try:
            await asyncio.wait_for(way(reader, port), stay)
        except TimeoutError:
            await asyncio.sleep(reader.random.expovariate(1 / reader.plan.absence))
        except OSError:
            reader.refusals += 1
            await asyncio.sleep(AFTER_REFUSAL_SECONDS)
        reader.resumes += 1
