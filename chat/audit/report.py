"""The result of an audit as plain values: the checker's findings, then the delays. It contains no secrets."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from chat.audit import latency, verification
from chat.audit.checker import Finding
from chat.audit.latency import Percentiles
from chat.audit.posters import Post
from chat.audit.probe import ProbeResult, TransportState
from chat.audit.readers import Reader
from chat.audit.run import Evidence

RECORDED = frozenset({"message"})  # the kinds that history holds

ADVICE = (
    "something between here and the service holds the stream back. In nginx, set `proxy_buffering off;` for it, or remove "
    "the `proxy_ignore_headers` that hides the service's own `X-Accel-Buffering: no`; turn compression off for "
    "text/event-stream. Until then, clients that can do so use the long poll."
)


@dataclass(frozen=True)
class Posts:
    """answer: from sending a post to its 201; a_second: answered posts."""

    acknowledged: int
    unanswered: int
    repeated_attempts: int
    a_second: float
    answer: Percentiles | None


@dataclass(frozen=True)
class Transport:
    """SSE or the long poll. Delays are those of connected readers; since_answered: 0 for a delivery that arrived before the 201.
    reasons: how often readers had to reconnect, and why."""

    state: TransportState
    detail: str
    clients: int
    deliveries: int
    first_byte: Percentiles | None
    since_sent: Percentiles | None
    since_answered: Percentiles | None
    resumes: int
    reasons: dict[str, int]


@dataclass(frozen=True)
class Report:
    """Times in milliseconds. own_lag: by how much this computer itself was late, a part of every other delay."""

    url: str
    seed: int
    clients: int
    seconds: float
    posts: Posts
    sse: Transport
    long_poll: Transport
    own_lag: Percentiles | None
    findings: list[Finding]
    surprises: list[str]
    left: list[str]

    @property
    def is_clean(self) -> bool:
        return not self.findings and not self.surprises

    @property
    def advice(self) -> list[str]:
        """What an operator should do."""
        if self.sse.state is TransportState.MUTE:
            return [f"SSE is mute here: {self.sse.detail}; {ADVICE}"]
        transports = (("SSE", self.sse), ("The long poll", self.long_poll))
        broken = [(name, transport) for name, transport in transports if transport.state is not TransportState.WORKS]
        return [f"{name} does not work here: {transport.state}, {transport.detail}" for name, transport in broken]

    def as_json(self) -> dict[str, Any]:
        return {"clean": self.is_clean, **asdict(self), "advice": self.advice}


def make_report(evidence: Evidence, leftovers: Sequence[str]) -> Report:
    """leftovers: what the audit could not remove."""
    posts = [post for poster in evidence.posters for post in poster.posts]
    without_cursor = [reader for reader in evidence.readers if reader.cursor is None]  # nothing to miss, so they prove nothing
    return Report(
        url=evidence.plan.url,
        seed=evidence.plan.seed,
        clients=evidence.plan.clients,
        seconds=round(evidence.seconds, 1),
        posts=_posts(evidence, posts),
        sse=_transport(evidence.sse, [reader for reader in evidence.readers if not reader.habits.polls], posts),
        long_poll=_transport(evidence.long_poll, [reader for reader in evidence.readers if reader.habits.polls], posts),
        own_lag=latency.percentiles(evidence.lags),
        findings=_findings(evidence),
        surprises=[
            *verification.surprises(evidence.readers, evidence.posters),
            *(f"{one.name}: never got through" for one in without_cursor),
        ],
        left=list(leftovers),
    )


def _findings(evidence: Evidence) -> list[Finding]:
    end = max((row.id for row in evidence.rows), default=0)
    of_readers = [finding for reader in evidence.readers for finding in verification.check_reader(reader, evidence.rows, end, RECORDED)]
    return verification.check_posts(evidence.posters, evidence.rows) + of_readers


def _posts(evidence: Evidence, posts: Sequence[Post]) -> Posts:
    answered = [post for post in posts if post.answered]
    return Posts(
        acknowledged=len(answered),
        unanswered=len(posts) - len(answered),
        repeated_attempts=sum(poster.repeats for poster in evidence.posters),
        a_second=round(len(answered) / evidence.seconds, 1) if evidence.seconds else 0.0,
        answer=latency.percentiles(post.answered - post.sent for post in answered),
    )


def _transport(probe: ProbeResult, readers: Sequence[Reader], posts: Sequence[Post]) -> Transport:
    live = latency.live_deliveries(readers, posts)
    reasons = Counter(reason.value for reader in readers for reason in reader.reasons.elements())
    return Transport(
        state=probe.state,
        detail=probe.detail,
        clients=len(readers),
        deliveries=sum(len(reader.deliveries) for reader in readers),
        first_byte=latency.percentiles(seconds for reader in readers for seconds in reader.first_bytes),
        since_sent=latency.percentiles(delivery.at - post.sent for post, delivery in live),
        since_answered=latency.percentiles(max(0.0, delivery.at - post.answered) for post, delivery in live if post.answered),
        resumes=reasons.total(),
        reasons=dict(reasons),
    )
