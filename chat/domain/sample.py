"""A sample: what a worker did in one second, for the operator's plots."""

from collections.abc import Sequence
from operator import itemgetter

import msgspec
from msgspec import Struct


class Sample(Struct, frozen=True, array_like=True):
    """at: UNIX seconds. posts and deliveries: a second. delays: milliseconds, None if nothing was posted on this worker. backlog: bytes."""

    at: int
    streams: int
    posts: float
    deliveries: float
    delay_p50: float | None
    delay_p95: float | None
    backlog: int


FIELDS = Sample.__struct_fields__


def encode_sample(sample: Sample) -> bytes:
    return msgspec.json.encode(sample)


def decode_samples(entries: Sequence[bytes]) -> list[Sample]:
    """In order of time, each second once, although it may have been written twice."""
    samples = {sample.at: sample for sample in (msgspec.json.decode(entry, type=Sample) for entry in entries)}
    return [samples[at] for at in sorted(samples)]


def percentile(delays: Sequence[tuple[float, int]], share: float) -> float | None:
    """The delay that this share of all did not exceed (nearest rank), of pairs (delay, count). None if there are none."""
    rank = share * sum(count for _, count in delays)
    passed = 0
    for delay, count in sorted(delays, key=itemgetter(0)):
        passed += count
        if passed >= rank:
            return delay
    return None
