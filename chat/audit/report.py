"""What an audit found, as plain values: the checker's findings first, then how long things took. Nothing in it is secret."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from chat.audit import delays, verdict
from chat.audit.checker import Finding
from chat.audit.delays import Spread
from chat.audit.posters import Post
from chat.audit.probe import Probed, State
from chat.audit.readers import Reader
from chat.audit.run import Evidence

RECORDED = frozenset({"message"})  # what history holds

ADVICE = (
    "something between here and the service holds the stream back. Behind nginx say `proxy_buffering off;` for it, or let the "
    "service's own `X-Accel-Buffering: no` through, which `proxy_ignore_headers` would not; turn compression off for "
    "text/event-stream. Clients that can do so use the long poll instead."
)


@dataclass(frozen=True)
class Posts:
    """answer: from being sent to the 201; a_second: of those that were answered."""

    acknowledged: int
    unanswered: int
    repeated_attempts: int
    a_second: float
    answer: Spread | None


@dataclass(frozen=True)
class Transport:
    """One of the two ways. Delays are those of readers that were there; reasons say how often they had to come back."""

    state: State
    detail: str
    clients: int
    deliveries: int
    first_byte: Spread | None
    since_sent: Spread | None
    since_answered: Spread | None
    resumes: int
    reasons: dict[str, int]


@dataclass(frozen=True)
class Report:
    """Times in milliseconds; own_lag is what this computer itself was late by, and so a part of every other."""

    url: str
    seed: int
    clients: int
    seconds: float
    posts: Posts
    sse: Transport
    long_poll: Transport
    own_lag: Spread | None
    findings: list[Finding]
    surprises: list[str]
    left: list[str]

    @property
    def is_clean(self) -> bool:
        return not self.findings and not self.surprises

    @property
    def advice(self) -> list[str]:
        """What an operator should do, in plain words."""
        muted = [f"SSE is mute here: {self.sse.detail}; {ADVICE}"] if self.sse.state is State.MUTE else []
        ways = (("SSE", self.sse), ("The long poll", self.long_poll))
        broken = [f"{name} does not work here: {way.state}, {way.detail}" for name, way in ways if way.state is not State.WORKS]
        return muted or broken

    def as_json(self) -> dict[str, Any]:
        return {"clean": self.is_clean, **asdict(self), "advice": self.advice}


def report(evidence: Evidence, left: Sequence[str]) -> Report:
    """left: what the audit leaves behind."""
    posts = [post for poster in evidence.posters for post in poster.posts]
    return Report(
        url=evidence.plan.url,
        seed=evidence.plan.seed,
        clients=evidence.plan.clients,
        seconds=round(evidence.seconds, 1),
        posts=_posts(evidence, posts),
        sse=_transport(evidence.stream, [reader for reader in evidence.readers if not reader.habits.polls], posts),
        long_poll=_transport(evidence.poll, [reader for reader in evidence.readers if reader.habits.polls], posts),
        own_lag=delays.spread(evidence.lags),
        findings=_findings(evidence),
        surprises=[*verdict.surprises(evidence.readers, evidence.posters), *_mute(evidence.readers)],
        left=list(left),
    )


def _findings(evidence: Evidence) -> list[Finding]:
    end = max((row.id for row in evidence.rows), default=0)
    read = [finding for one in evidence.readers for finding in verdict.of_reader(one, evidence.rows, end, RECORDED)]
    return verdict.of_posts(evidence.posters, evidence.rows) + read


def _mute(readers: Sequence[Reader]) -> list[str]:
    """Who never got a cursor was owed nothing, and proves nothing."""
    return [f"{one.name}: never got through" for one in readers if one.cursor is None]


def _posts(evidence: Evidence, posts: Sequence[Post]) -> Posts:
    answered = [post for post in posts if post.answered]
    return Posts(
        acknowledged=len(answered),
        unanswered=len(posts) - len(answered),
        repeated_attempts=sum(poster.repeats for poster in evidence.posters),
        a_second=round(len(answered) / evidence.seconds, 1) if evidence.seconds else 0.0,
        answer=delays.spread(post.answered - post.sent for post in answered),
    )


def _transport(probed: Probed, readers: Sequence[Reader], posts: Sequence[Post]) -> Transport:
    live = delays.live(readers, posts)
    first_bytes = [seconds for reader in readers for seconds in reader.first_bytes]
    reasons: Counter[str] = Counter()
    for reader in readers:
        reasons.update({reason.value: count for reason, count in reader.reasons.items()})
    return Transport(
        state=probed.state,
        detail=probed.detail,
        clients=len(readers),
        deliveries=sum(len(reader.seen) for reader in readers),
        first_byte=delays.spread(first_bytes),
        since_sent=delays.since_sent(live),
        since_answered=delays.since_answered(live),
        resumes=reasons.total(),
        reasons=dict(reasons),
    )
