"""What a run left behind: posts, deliveries, probes and the record, as plain data that goes to a file and comes back.

All times are seconds of one monotonic clock."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

NO_ANSWER = "no answer"  # within the client's own deadline
BROKEN = "connection lost"
REFUSED = "connection refused"


@dataclass
class Attempt:
    """One request. status: None if no whole answer came, and then `failure` says why."""

    begun: float
    ended: float
    status: int | None = None
    failure: str = ""
    id: int | None = None
    body: str = ""

    @property
    def seconds(self) -> float:
        return self.ended - self.begun

    @property
    def accepted(self) -> bool:
        return self.status in {200, 201} and self.id is not None

    @property
    def result(self) -> str:
        return str(self.status) if self.status is not None else self.failure


@dataclass
class Post:
    """A text like no other. With a key it is sent again until it is accepted, without one it is sent once."""

    text: str
    room: int
    key: str | None
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def begun(self) -> float:
        return self.attempts[0].begun

    @property
    def accepted(self) -> Attempt | None:
        return next((attempt for attempt in self.attempts if attempt.accepted), None)


class Received(NamedTuple):
    """One frame of interest. kind: `event`; or `reset`, with the cursor that holds again as its id."""

    kind: str
    id: int
    text: str
    at: float


class Silence(NamedTuple):
    """A time in which nothing came on a stream that was open."""

    begun: float
    seconds: float


@dataclass
class Follower:
    """One client that follows rooms. start: its first cursor; cursor: its last one. late: it came when the fault was over."""

    name: str
    transport: str
    rooms: list[int]
    late: bool = False
    start: int | None = None
    cursor: int | None = None
    received: list[Received] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)
    ends: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@dataclass
class Probe:
    """One request of /readyz; state is what its body says."""

    begun: float
    seconds: float
    result: str
    state: str = ""


class Row(NamedTuple):
    """A message of the record."""

    id: int
    room: int
    text: str


@dataclass
class Evidence:
    """began, over: of the fault; over is when it was taken back, or when it happened if it is not of those that last."""

    began: float
    over: float
    ended: float
    posts: list[Post]
    followers: list[Follower]
    probes: list[Probe]
    record: list[Row]
    notes: list[str] = field(default_factory=list)

    def write(self, file: Path) -> None:
        file.write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, file: Path) -> "Evidence":
        return cls.of(json.loads(file.read_text()))

    @classmethod
    def of(cls, values: dict[str, Any]) -> "Evidence":
        plain = {name: values[name] for name in ("began", "over", "ended", "notes")}
        return cls(
            posts=[Post(**{**post, "attempts": [Attempt(**each) for each in post["attempts"]]}) for post in values["posts"]],
            followers=[_follower(each) for each in values["followers"]],
            probes=[Probe(**each) for each in values["probes"]],
            record=[Row(*each) for each in values["record"]],
            **plain,
        )


def _follower(values: dict[str, Any]) -> Follower:
    received: Sequence[Any] = values["received"]
    silences: Sequence[Any] = values["silences"]
    return Follower(**{**values, "received": [Received(*each) for each in received], "silences": [Silence(*each) for each in silences]})
