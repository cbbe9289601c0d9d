"""Compares the committed events with those that were acknowledged, read and appended to the log.

Pure: ids and texts in, findings out. No finding means that the promise was kept.
Every check takes linear time and names the ids, the reader and the rule that was broken.
"""

import enum
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

SHOWN_IDS = 8  # a finding names the first ids only: enough to look them up, and short enough to read


class Fault(enum.StrEnum):
    """The ways in which a promise can be broken."""

    LOST = "lost"
    REPEATED = "repeated"
    REORDERED = "reordered"
    FOREIGN = "foreign"
    ALTERED = "altered"
    UNCOMMITTED = "uncommitted"
    GAP = "gap"
    BEHIND = "behind"


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule: which fault, at which reader or table, and with which ids."""

    fault: Fault
    where: str
    ids: tuple[int, ...]

    def __str__(self) -> str:
        shown = ", ".join(map(str, self.ids[:SHOWN_IDS]))
        more = f" and {len(self.ids) - SHOWN_IDS} more" if len(self.ids) > SHOWN_IDS else ""
        return f"{self.where}: {self.fault} {shown}{more}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reader saw over all its connections. It should see every event above `start` and up to `end`."""

    reader: str
    start: int
    end: int
    seen: Sequence[int]


def check_reading(reading: Reading, visible: Iterable[int]) -> list[Finding]:
    """The reader saw exactly the `visible` committed ids between its cursors, once and in order."""
    expected = {event_id for event_id in visible if reading.start < event_id <= reading.end}
    seen = set(reading.seen)
    return _findings(
        reading.reader,
        {
            Fault.LOST: sorted(expected - seen),
            Fault.FOREIGN: sorted(seen - expected),
            Fault.REPEATED: _repeated(reading.seen),
            Fault.REORDERED: _reordered(reading.seen),
        },
    )


def check_texts(where: str, shown: Iterable[tuple[int, str]], committed: Mapping[int, str]) -> list[Finding]:
    """Every id that a reader saw is committed, with the text that it saw."""
    pairs = set(shown)
    unknown = sorted({event_id for event_id, _ in pairs if event_id not in committed})
    altered = sorted({event_id for event_id, text in pairs if committed.get(event_id, text) != text})
    return _findings(where, {Fault.UNCOMMITTED: unknown, Fault.ALTERED: altered})


def check_acknowledged(acknowledged: Sequence[tuple[int, str]], committed: Mapping[int, str]) -> list[Finding]:
    """Every acknowledged post is committed with the text that was sent, under an id of its own."""
    where = "acknowledged posts"
    repeated = _repeated([event_id for event_id, _ in acknowledged])
    return check_texts(where, acknowledged, committed) + _findings(where, {Fault.REPEATED: repeated})


def check_posted_once(committed: Mapping[int, str]) -> list[Finding]:
    """Each post has a unique text, and none was committed twice: a retry with its key posts once."""
    counts = Counter(committed.values())
    repeated = sorted(event_id for event_id, text in committed.items() if counts[text] > 1)
    return _findings("events table", {Fault.REPEATED: repeated})


def check_table(ids: Sequence[int], head: int, removed: Collection[int] = ()) -> list[Finding]:
    """The ascending ids are dense from 1 to `head`, except those whose room was `removed`."""
    missing = sorted(set(range(1, head + 1)) - set(ids) - set(removed))
    beyond = [event_id for event_id in ids if event_id > head]
    return _findings("events table", {Fault.GAP: missing, Fault.UNCOMMITTED: beyond})


def check_log(ids: Sequence[int], head: int, removed: Collection[int] = ()) -> list[Finding]:
    """The log's entries have no gap between the first and the last, and the last is the head."""
    gone = set(removed)
    missing = sorted(_range(ids) - set(ids) - gone)
    last = ids[-1] if ids else 0
    unpublished = [event_id for event_id in range(last + 1, head + 1) if event_id not in gone] if ids else [head] * bool(head)
    beyond = [event_id for event_id in ids if event_id > head]
    return _findings(
        "log",
        {
            Fault.GAP: missing,
            Fault.BEHIND: unpublished,
            Fault.UNCOMMITTED: beyond,
            Fault.REPEATED: _repeated(ids),
            Fault.REORDERED: _reordered(ids),
        },
    )


def _range(ids: Sequence[int]) -> set[int]:
    return set(range(min(ids), max(ids) + 1)) if ids else set()


def _repeated(ids: Iterable[int]) -> list[int]:
    return sorted(event_id for event_id, count in Counter(ids).items() if count > 1)


def _reordered(ids: Sequence[int]) -> list[int]:
    return [later for earlier, later in pairwise(ids) if later < earlier]


def _findings(where: str, faults: Mapping[Fault, Sequence[int]]) -> list[Finding]:
    return [Finding(fault, where, tuple(ids)) for fault, ids in faults.items() if ids]
