"""What a worker did in one second: the figures that the operator's plots are drawn from."""

from collections.abc import Sequence
from operator import itemgetter

import msgspec
from msgspec import Struct


class Sample(Struct, frozen=True, array_like=True):
    """at: UNIX seconds. posts and deliveries a second, delays in milliseconds (none where nothing was posted here), backlog in bytes."""

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
    """In the order of their time, each second once: what was written twice is read once."""
    samples = {sample.at: sample for sample in (msgspec.json.decode(entry, type=Sample) for entry in entries)}
    return [samples[at] for at in sorted(samples)]


def percentile(delays: Sequence[tuple[float, int]], share: float) -> float | None:
    """The delay that this share of all did not exceed, of (delay, how many had it); nearest rank, none of none."""
    rank = share * sum(count for _, count in delays)
    passed = 0
    for delay, count in sorted(delays, key=itemgetter(0)):
        passed += count
        if passed >= rank:
            return delay
    return None
