"""Compares the ids of the events table and of the log with the head. Pure: ids in, findings out."""

from collections.abc import Collection, Sequence

from chat.audit.checker import Fault, Finding, findings, reordered, repeated


def check_table(ids: Sequence[int], head: int, removed: Collection[int] = ()) -> list[Finding]:
    """The ascending ids are dense from 1 to `head`, except those whose room was `removed`."""
    missing = sorted(set(range(1, head + 1)) - set(ids) - set(removed))
    beyond = [event_id for event_id in ids if event_id > head]
    return findings("events table", {Fault.GAP: missing, Fault.UNCOMMITTED: beyond})


def check_log(ids: Sequence[int], head: int, removed: Collection[int] = ()) -> list[Finding]:
    """The log's entries have no gap between the first and the last, and the last is the head."""
    gone = set(removed)
    missing = sorted(_range(ids) - set(ids) - gone)
    last = ids[-1] if ids else 0
    unpublished = [event_id for event_id in range(last + 1, head + 1) if event_id not in gone] if ids else [head] * bool(head)
    beyond = [event_id for event_id in ids if event_id > head]
    return findings(
        "log",
        {
            Fault.GAP: missing,
            Fault.BEHIND: unpublished,
            Fault.UNCOMMITTED: beyond,
            Fault.REPEATED: repeated(ids),
            Fault.REORDERED: reordered(ids),
        },
    )


def _range(ids: Sequence[int]) -> set[int]:
    return set(range(min(ids), max(ids) + 1)) if ids else set()
