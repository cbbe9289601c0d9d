"""Delays of deliveries, as percentiles in milliseconds. Pure."""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from chat.audit.posters import Post
from chat.audit.readers import Delivery, Reader


@dataclass(frozen=True)
class Percentiles:
    """Of `count` times, in milliseconds."""

    count: int
    p50: float
    p95: float
    p99: float
    worst: float


def percentiles(seconds: Iterable[float]) -> Percentiles | None:
    """Returns None if there are no times."""
    times = sorted(seconds)
    if not times:
        return None
    return Percentiles(len(times), *(round(1000 * _percentile(times, share), 1) for share in (0.5, 0.95, 0.99, 1.0)))


def live_deliveries(readers: Iterable[Reader], posts: Collection[Post]) -> list[tuple[Post, Delivery]]:
    """Deliveries to readers that were connected when the post was sent: the delay of a later reader is its own absence."""
    by_text = {post.text: post for post in posts}
    pairs = [(by_text.get(delivery.content), delivery) for reader in readers for delivery in reader.deliveries]
    return [(post, delivery) for post, delivery in pairs if post is not None and 0 < delivery.connected_since <= post.sent]


def _percentile(times: Sequence[float], share: float) -> float:
    """Returns the smallest of the ascending times that at least this share of them does not exceed."""
    return times[max(0, math.ceil(share * len(times)) - 1)]
