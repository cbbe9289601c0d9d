"""Readers: what each has received, and how it behaves."""

import asyncio
import enum
import random
from collections import Counter
from dataclasses import dataclass
from time import monotonic
from typing import Any, NamedTuple

from chat.audit.checker import Reading
from chat.audit.exchange import Exchange, target
from chat.audit.subscriptions import Subscription

SHOWN_BYTES = 300


class Reason(enum.StrEnum):
    """Why a reader had to reconnect."""

    CUT = "cut"  # the reader itself dropped the connection, which is what the audit tests
    BYE = "bye"
    END = "end"
    CLOSED = "closed"
    REFUSED = "refused"
    ERROR = "error"
    SILENT = "silent"


class Delivery(NamedTuple):
    """One event as it arrived. `connected_since`: when the reader's connection began. Both times are those of time.monotonic."""

    id: int
    kind: str
    content: str
    at: float
    connected_since: float


@dataclass(frozen=True)
class Habits:
    """How a reader behaves: by long poll or SSE, from which cursor, after which delay; stay and absence are mean seconds.

    retry_seconds: before it reconnects after an error of the service; None to wait as long as the service says."""

    polls: bool
    start: int | None
    stay: float
    absence: float
    delay: float = 0.0
    retry_seconds: float | None = None
    poll_seconds: int = 2


class Reader:
    """What one reader has received. It reads until it has arrived at its goal, which is set when the posting is over."""

    def __init__(self, number: int, subscription: Subscription, token: str, habits: Habits, rng: random.Random) -> None:
        self.name = f"reader {number} ({type(subscription).__name__}, {'long poll' if habits.polls else 'SSE'})"
        self.subscription = subscription
        self.habits = habits
        self.random = rng
        self.start = self.cursor = habits.start
        self.deliveries: list[Delivery] = []
        self.surprises: list[str] = []
        self.first_bytes: list[float] = []
        self.reasons: Counter[Reason] = Counter()
        self.goal: int | None = None
        self.arrived = asyncio.Event()
        self.retry_seconds = 1.0
        self.connected_since = 0.0
        self._token = token

    @property
    def resumes(self) -> int:
        return self.reasons.total()

    @property
    def contents(self) -> list[tuple[int, str]]:
        return [(delivery.id, delivery.content) for delivery in self.deliveries]

    def set_goal(self, goal: int) -> None:
        """The last event id that the reader waits for."""
        self.goal = goal
        self._check_goal()

    def reading(self, end: int) -> Reading:
        """A reader that never got a cursor expects no event."""
        return Reading(self.name, end if self.start is None else self.start, end, [delivery.id for delivery in self.deliveries])

    def advance(self, cursor: int) -> None:
        self.start = cursor if self.start is None else self.start
        self.cursor = cursor
        self._check_goal()

    def receive(self, event: dict[str, Any]) -> None:
        content = event.get("text", event["kind"])
        self.deliveries.append(Delivery(event["id"], event["kind"], content, monotonic(), self.connected_since))

    def add_surprise(self, line: str) -> None:
        """Notes an answer that nothing explains, once."""
        surprise = f"{self.name}: {line}"
        if surprise not in self.surprises:
            self.surprises.append(surprise)

    def exchange(self, host: str, base: str, by_header: bool, accept: str, **query: object) -> Exchange:
        """The request that resumes: the cursor is in the header or in the query."""
        headers = {"Host": host, "Authorization": f"Bearer {self._token}", "Accept": accept}
        after = None if by_header else self.cursor
        if by_header and self.cursor is not None:
            headers["Last-Event-ID"] = str(self.cursor)
        return Exchange("GET", target(base + self.subscription.path, room=self.subscription.named or None, after=after, **query), headers)

    def refusal(self, status: int | None, body: bytes) -> Reason:
        """A 5xx for a while is an expected fault; a 4xx or a 204 is a surprise."""
        if status is not None and status < 500:
            self.add_surprise(f"{status} {body[:SHOWN_BYTES]!r}")
        return Reason.REFUSED if status else Reason.ERROR

    def pause(self, reason: Reason) -> float:
        """Returns the seconds until the reader reconnects. It chooses them itself if it dropped the connection."""
        if reason is Reason.CUT:
            return self.random.expovariate(1 / self.habits.absence)
        if self.habits.retry_seconds is None:
            return self.retry_seconds
        return self.habits.retry_seconds if reason in {Reason.REFUSED, Reason.ERROR} else 0.0

    def _check_goal(self) -> None:
        if self.goal is not None and (self.cursor or 0) >= self.goal:
            self.arrived.set()
