"""Followers on both transports: each comes back with the last id that it was given, and understands `reset`.

A patient one stays on a stream however silent it is; the others leave it as a page does, after 2.5 heartbeats."""

import asyncio
import json
from collections import Counter
from time import monotonic
from typing import Any

from chat.audit.connection import READ_BYTES, Address, open_response
from chat.audit.exchange import Exchange, target
from chat.audit.sse_parser import Frame, FrameParser
from faults.client import Person, Reply, ask, request
from faults.evidence import BROKEN, Follower, Received, Silence
from faults.service import HEARTBEAT_SECONDS

SILENCE_SECONDS = 2.5 * HEARTBEAT_SECONDS
PATIENCE_SECONDS = 120.0
OPEN_SECONDS = 35.0  # until the first byte
POLL_SECONDS = 5
POLL_ANSWER_SECONDS = 40.0
AWAY_SECONDS = 0.5
NOTED_SECONDS = 1.5 * HEARTBEAT_SECONDS  # a silence that is shorter is none
MESSAGES = frozenset({"message"})


class Following:
    """One follower at work; what it saw is in `seen`."""

    def __init__(self, seen: Follower, person: Person, address: Address, *, patient: bool = False, stays: float = 0.0) -> None:
        self.seen = seen
        self._person = person
        self._address = address
        self._patience = PATIENCE_SECONDS if patient else SILENCE_SECONDS
        self._stays = stays  # seconds on a stream before it leaves by itself; 0: it never does
        self._ends: Counter[str] = Counter()
        self._last_bytes = 0.0

    async def run(self) -> None:
        """Until it is cancelled."""
        way = self._read_stream if self.seen.transport == "SSE" else self._poll
        while True:
            why = await way()
            self._ends[why] += 1
            self.seen.ends = dict(self._ends)
            await asyncio.sleep(AWAY_SECONDS)

    def finish(self) -> None:
        """The silence that is not over counts too."""
        self._note_silence()

    async def _read_stream(self) -> str:
        self._last_bytes = 0.0
        exchange = self._request("text/event-stream")
        parser, why = FrameParser(), "closed"
        leaves = monotonic() + self._stays if self._stays else float("inf")
        try:
            async with open_response(self._address, exchange) as incoming:
                while not exchange.finished:
                    data = await self._within(incoming, leaves)
                    if data is None:
                        return "left" if monotonic() >= leaves else "silent"
                    why = self._take(exchange, parser, data) or why
        except OSError:
            return BROKEN
        finally:
            self._note_silence()
        if exchange.status == 200:
            return why
        return f"refused {exchange.status}" if exchange.status else BROKEN

    async def _within(self, incoming: asyncio.StreamReader, leaves: float) -> bytes | None:
        patience = self._patience if self._last_bytes else OPEN_SECONDS
        try:
            async with asyncio.timeout(min(patience, leaves - monotonic())):
                data = await incoming.read(READ_BYTES)
        except TimeoutError:
            return None
        self._note_silence()
        self._last_bytes = monotonic()
        return data

    def _note_silence(self) -> None:
        if self._last_bytes and (silence := monotonic() - self._last_bytes) > NOTED_SECONDS:
            self.seen.silences.append(Silence(self._last_bytes, silence))
            self._last_bytes = 0.0

    def _take(self, exchange: Exchange, parser: FrameParser, data: bytes) -> str | None:
        body = exchange.feed(data)
        why = None
        for frame in parser.feed(body) if exchange.status == 200 else ():
            self._take_frame(frame)
            why = frame.event if frame.event in {"bye", "end"} else why
        return why

    def _take_frame(self, frame: Frame) -> None:
        if frame.event == "reset":
            self._reset(_cursor_in(frame))
            return
        if frame.event in MESSAGES and frame.id is not None:
            self._see(json.loads(frame.data or "{}"))
        if frame.id is not None:
            self._move_to(frame.id)

    async def _poll(self) -> str:
        while (reply := await ask(self._address, self._request("application/json", wait=POLL_SECONDS), POLL_ANSWER_SECONDS)).status == 200:
            self._take_answer(reply)
        return f"refused {reply.status}" if reply.status else reply.failure

    def _take_answer(self, reply: Reply) -> None:
        """An answer whose cursor lies below the one that was sent is a reset, whether it says so or not."""
        polled = json.loads(reply.body)
        if polled.get("reset") or (self.seen.cursor is not None and polled["cursor"] < self.seen.cursor):
            self._reset(polled["cursor"])
        for event in polled["events"]:
            if event["kind"] in MESSAGES:
                self._see(event)
        self._move_to(polled["cursor"])

    def _see(self, event: dict[str, Any]) -> None:
        self.seen.received.append(Received("event", event["id"], event["text"].rstrip(), monotonic()))

    def _reset(self, cursor: int) -> None:
        self.seen.received.append(Received("reset", cursor, "", monotonic()))
        self.seen.cursor = cursor

    def _move_to(self, cursor: int) -> None:
        if self.seen.start is None:
            self.seen.start = cursor
        self.seen.cursor = cursor

    def _request(self, accept: str, **query: object) -> Exchange:
        """What resumes after the cursor."""
        rooms, base = self.seen.rooms, f"{self._address.base}/api/v1"
        query = {"after": self.seen.cursor, **query}
        path = target(f"{base}/room/{rooms[0]}/subscribe", **query) if len(rooms) == 1 else target(f"{base}/subscribe", room=rooms, **query)
        return request(self._address, "GET", path, self._person.token, more={"Accept": accept})


def _cursor_in(frame: Frame) -> int:
    try:
        return int(json.loads(frame.data or "")["cursor"])
    except (ValueError, TypeError, KeyError):
        return frame.id or 0
