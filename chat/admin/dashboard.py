"""What the overview shows: the plots, the table beside them, and the figures that both are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chat.domain.sample import FIELDS, Sample


@dataclass(frozen=True, slots=True)
class Plot:
    """fields of a sample, the first drawn plainly; worst: workers together are as bad as the worst of them, not their sum."""

    title: str
    hint: str
    fields: tuple[str, ...]
    unit: str
    worst: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    field: str
    title: str
    unit: str


SILENT_SECONDS = 5  # as in the plots' script

PLOTS = (
    Plot("Streams", "open subscriptions", ("streams",), "count"),
    Plot("Delivery delay", "p95, and p50 dotted", ("delay_p95", "delay_p50"), "ms", worst=True),
    Plot("Posts", "committed a second", ("posts",), "rate"),
    Plot("Deliveries", "sent a second", ("deliveries",), "rate"),
    Plot("Backlog", "kept for slow clients", ("backlog",), "bytes"),
)
COLUMNS = (
    Column("streams", "Streams", "count"),
    Column("posts", "Posts/s", "rate"),
    Column("deliveries", "Deliveries/s", "rate"),
    Column("delay_p50", "Delay p50", "ms"),
    Column("delay_p95", "Delay p95", "ms"),
    Column("backlog", "Backlog", "bytes"),
)


def context(at: int, figures: Mapping[str, Sequence[Sample]]) -> dict[str, Any]:
    """What the template needs: the figures of the workers that are not silent, for whoever runs no script."""
    newest = {worker: samples[-1] for worker, samples in figures.items() if samples and samples[-1].at > at - SILENT_SECONDS}
    workers = [(worker, dict(zip(FIELDS, _values(sample), strict=True))) for worker, sample in newest.items()]
    return {"fields": FIELDS, "plots": PLOTS, "columns": COLUMNS, "workers": workers}


def drawn(at: int, figures: Mapping[str, Sequence[Sample]]) -> dict[str, Any]:
    """What the script asks for: by worker, each sample's values in the order of the fields; at: now, in UNIX seconds."""
    return {"at": at, "workers": {worker: [_values(sample) for sample in samples] for worker, samples in figures.items()}}


def _values(sample: Sample) -> list[float | None]:
    return [getattr(sample, field) for field in FIELDS]
