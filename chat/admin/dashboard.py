"""The overview: its plots, its table of workers, and the samples behind both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chat.domain.sample import FIELDS, Sample


@dataclass(frozen=True, slots=True)
class Plot:
    """fields: of a sample; the first is a solid line. worst: the total of all workers is their maximum, not their sum."""

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


SILENT_SECONDS = 5  # the same as in plots.js

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


def template_context(at: int, by_worker: Mapping[str, Sequence[Sample]]) -> dict[str, Any]:
    """The template's variables, with the newest sample of each worker that is not silent: the table works without a script."""
    newest = {worker: samples[-1] for worker, samples in by_worker.items() if samples and samples[-1].at > at - SILENT_SECONDS}
    workers = [(worker, dict(zip(FIELDS, _values(sample), strict=True))) for worker, sample in newest.items()]
    return {"fields": FIELDS, "plots": PLOTS, "columns": COLUMNS, "workers": workers}


def plot_data(at: int, by_worker: Mapping[str, Sequence[Sample]]) -> dict[str, Any]:
    """The data of plots.js: for each worker the samples' values in the order of the fields. `at` is now, in UNIX seconds."""
    return {"at": at, "workers": {worker: [_values(sample) for sample in samples] for worker, samples in by_worker.items()}}


def _values(sample: Sample) -> list[float | None]:
    return [getattr(sample, field) for field in FIELDS]
