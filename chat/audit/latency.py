"""How long deliveries took, in milliseconds. Pure."""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from chat.audit.posters import Post
from chat.audit.readers import Reader, Seen


@dataclass(frozen=True)
class Spread:
    """Of `count` times, in milliseconds."""

    count: int
    p50: float
    p95: float
    p99: float
    worst: float


def spread(seconds: Iterable[float]) -> Spread | None:
    """None of nothing."""
    times = sorted(seconds)
    if not times:
        return None
    return Spread(len(times), *(round(1000 * _percentile(times, share), 1) for share in (0.5, 0.95, 0.99, 1.0)))


def live(readers: Iterable[Reader], posts: Collection[Post]) -> list[tuple[Post, Seen]]:
    """Deliveries to who was there when the post was sent: who came later waited for himself."""
    by_text = {post.text: post for post in posts}
    pairs = [(by_text.get(seen.shown), seen) for reader in readers for seen in reader.seen]
    return [(post, seen) for post, seen in pairs if post is not None and 0 < seen.since <= post.sent]


def since_sent(deliveries: Iterable[tuple[Post, Seen]]) -> Spread | None:
    return spread(seen.at - post.sent for post, seen in deliveries)


def since_answered(deliveries: Iterable[tuple[Post, Seen]]) -> Spread | None:
    """Nought where it was there before the 201 was."""
    return spread(max(0.0, seen.at - post.answered) for post, seen in deliveries if post.answered)


def _percentile(times: Sequence[float], share: float) -> float:
    """Of ascending times the smallest that at least this share does not exceed."""
    return times[max(0, math.ceil(share * len(times)) - 1)]
