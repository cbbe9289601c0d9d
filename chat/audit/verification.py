"""Compares posts and deliveries with the record, by means of the checker. Independent of where the record comes from."""

from collections.abc import Collection, Iterable, Sequence

from chat.audit import checker
from chat.audit.checker import Finding
from chat.audit.posters import Poster
from chat.audit.readers import Reader
from chat.audit.subscriptions import Row


def check_posts(posters: Iterable[Poster], rows: Iterable[Row]) -> list[Finding]:
    """Every acknowledged post is on record, with the text that was sent unless it was corrected, and none twice.

    Announcements are left out: they have the same text in every room."""
    acknowledged = [pair for poster in posters for pair in poster.acknowledged]
    texts = dict(acknowledged)
    rows = [row for row in rows if row.text is not None and row.kind != "announcement"]
    posted = {row.id: texts.get(row.id, f"corrected {row.id}") if row.corrected else row.content for row in rows}
    return checker.check_posted_once(posted) + checker.check_acknowledged(acknowledged, posted)


def check_reader(reader: Reader, rows: Sequence[Row], end: int, recorded: Collection[str] | None = None) -> list[Finding]:
    """The reader received exactly the recorded events of its subscription up to `end`, with their texts.

    recorded: the kinds that the record holds, if not all. Of the other kinds only order and repetition are checked."""
    unchecked = {delivery.id for delivery in reader.deliveries if recorded is not None and delivery.kind not in recorded}
    visible = unchecked.union(row.id for row in rows if reader.subscription.includes(row))
    findings = checker.check_reading(reader.reading(end), visible)
    unchecked.update(row.id for row in rows if row.corrected)
    contents = [(event_id, text) for event_id, text in reader.contents if event_id not in unchecked]
    return findings + checker.check_texts(reader.name, contents, {row.id: row.content for row in rows})


def surprises(readers: Collection[Reader], posters: Collection[Poster]) -> list[str]:
    """Answers that no fault explains, and readers that never arrived at their goal."""
    unexplained = [line for reader in readers for line in reader.surprises] + [line for poster in posters for line in poster.surprises]
    stuck = [f"{reader.name}: stopped at {reader.cursor} of {reader.goal}" for reader in readers if not reader.arrived.is_set()]
    return [*dict.fromkeys(unexplained), *stuck]
