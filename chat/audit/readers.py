"""Readers: what each was given so far, and how it behaves."""

import asyncio
import enum
import random
from collections import Counter
from dataclasses import dataclass
from time import monotonic
from typing import Any, NamedTuple

from chat.audit.checker import Reading
from chat.audit.feeds import Feed
from chat.audit.wire import Exchange, target

SHOWN_BYTES = 300


class Reason(enum.StrEnum):
    """Why a reader had to come back."""

    CUT = "cut"  # by itself, which is what is tested
    BYE = "bye"
    END = "end"
    CLOSED = "closed"
    REFUSED = "refused"
    ERROR = "error"
    SILENT = "silent"


class Seen(NamedTuple):
    """One event as it arrived. `since`: from when on the reader was there to hear it without a break; both as time.monotonic has it."""

    id: int
    kind: str
    shown: str
    at: float
    since: float


@dataclass(frozen=True)
class Habits:
    """How a reader behaves: by long poll or SSE, from which cursor, after which delay; mean seconds of its stays and absences.

    again: seconds before it tries anew where the service failed it, None to wait as long as the service asks."""

    polls: bool
    start: int | None
    stay: float
    absence: float
    delay: float = 0.0
    again: float | None = None
    poll_seconds: int = 2


class Reader:
    """What one reader saw so far. It reads until it has arrived at its goal, which is set when the posting is over."""

    def __init__(self, number: int, feed: Feed, token: str, habits: Habits, chance: random.Random) -> None:
        self.name = f"reader {number} ({type(feed).__name__}, {'long poll' if habits.polls else 'SSE'})"
        self.feed = feed
        self.habits = habits
        self.random = chance
        self.start = self.cursor = habits.start
        self.seen: list[Seen] = []
        self.surprises: list[str] = []
        self.first_bytes: list[float] = []
        self.reasons: Counter[Reason] = Counter()
        self.goal: int | None = None
        self.arrived = asyncio.Event()
        self.retry_seconds = 1.0
        self.since = 0.0
        self._token = token

    @property
    def resumes(self) -> int:
        return self.reasons.total()

    @property
    def shown(self) -> list[tuple[int, str]]:
        return [(seen.id, seen.shown) for seen in self.seen]

    def aim(self, goal: int) -> None:
        """There is nothing to wait for past this id."""
        self.goal = goal
        self._look()

    def reading(self, end: int) -> Reading:
        """With no cursor ever given, nothing was owed."""
        return Reading(self.name, end if self.start is None else self.start, end, [seen.id for seen in self.seen])

    def move_to(self, cursor: int) -> None:
        self.start = cursor if self.start is None else self.start
        self.cursor = cursor
        self._look()

    def see(self, event: dict[str, Any]) -> None:
        self.seen.append(Seen(event["id"], event["kind"], event.get("text", event["kind"]), monotonic(), self.since))

    def wonder(self, line: str) -> None:
        """Something came that nothing explains."""
        named = f"{self.name}: {line}"
        if named not in self.surprises:
            self.surprises.append(named)

    def exchange(self, host: str, base: str, by_header: bool, accept: str, **query: object) -> Exchange:
        """The request that resumes: the cursor goes into the header or into the query."""
        headers = {"Host": host, "Authorization": f"Bearer {self._token}", "Accept": accept}
        after = None if by_header else self.cursor
        if by_header and self.cursor is not None:
            headers["Last-Event-ID"] = str(self.cursor)
        return Exchange("GET", target(base + self.feed.path(), **self.feed.query(), after=after, **query), headers)

    def refusal(self, status: int | None, body: bytes) -> Reason:
        """Being refused for a while is part of the faults; a 4xx, or a 204, is not."""
        if status is not None and status < 500:
            self.wonder(f"{status} {body[:SHOWN_BYTES]!r}")
        return Reason.REFUSED if status else Reason.ERROR

    def pause(self, reason: Reason) -> float:
        """Seconds away, which a reader that cuts itself off chooses."""
        if reason is Reason.CUT:
            return self.random.expovariate(1 / self.habits.absence)
        if self.habits.again is None:
            return self.retry_seconds
        return self.habits.again if reason in {Reason.REFUSED, Reason.ERROR} else 0.0

    def _look(self) -> None:
        if self.goal is not None and (self.cursor or 0) >= self.goal:
            self.arrived.set()
