"""The checker's findings about what was posted and read, held against the record: the same for any run, wherever its record is from."""

from collections.abc import Collection, Iterable, Sequence

from chat.audit import checker
from chat.audit.checker import Finding
from chat.audit.feeds import Row
from chat.audit.posters import Poster
from chat.audit.readers import Reader


def of_posts(posters: Iterable[Poster], rows: Iterable[Row]) -> list[Finding]:
    """Every acknowledged post is on record, as it was sent unless it was corrected, and none twice. An announcement, the same in
    every room, is no post."""
    acknowledged = [pair for poster in posters for pair in poster.acknowledged]
    said = dict(acknowledged)
    rows = [row for row in rows if row.text is not None and row.kind != "announcement"]
    posted = {row.id: said.get(row.id, f"corrected {row.id}") if row.corrected else row.shown for row in rows}
    return checker.check_posted_once(posted) + checker.check_acknowledged(acknowledged, posted)


def of_reader(reader: Reader, rows: Sequence[Row], end: int, recorded: Collection[str] | None = None) -> list[Finding]:
    """It saw exactly what of the record was owed to it up to `end`, as it was said.

    recorded: the kinds that the record holds, where it does not hold all: of the others one knows only that they come once, in order."""
    beside = {seen.id for seen in reader.seen if recorded is not None and seen.kind not in recorded}
    visible = beside.union(row.id for row in rows if reader.feed.owes(row))
    exact = checker.check_reading(reader.reading(end), visible)
    beside.update(row.id for row in rows if row.corrected)
    shown = [(event_id, text) for event_id, text in reader.shown if event_id not in beside]
    return exact + checker.check_texts(reader.name, shown, {row.id: row.shown for row in rows})


def surprises(readers: Collection[Reader], posters: Collection[Poster]) -> list[str]:
    """Answers that no fault explains, and readers that never got to the end."""
    told = [line for reader in readers for line in reader.surprises] + [line for poster in posters for line in poster.surprises]
    stuck = [f"{one.name}: stopped at {one.cursor} of {one.goal}" for one in readers if not one.arrived.is_set()]
    return [*dict.fromkeys(told), *stuck]
