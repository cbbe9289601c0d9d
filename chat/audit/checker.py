"""Compares the committed events with those that were acknowledged and read.

Pure: ids and texts in, findings out. No finding means that the promise was kept.
Every check takes linear time and names the ids, the reader and the rule that was broken.
"""

import enum
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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
    return findings(
        reading.reader,
        {
            Fault.LOST: sorted(expected - seen),
            Fault.FOREIGN: sorted(seen - expected),
            Fault.REPEATED: repeated(reading.seen),
            Fault.REORDERED: reordered(reading.seen),
        },
    )


def check_texts(where: str, shown: Iterable[tuple[int, str]], committed: Mapping[int, str]) -> list[Finding]:
    """Every id that a reader saw is committed, with the text that it saw."""
    pairs = set(shown)
    unknown = sorted({event_id for event_id, _ in pairs if event_id not in committed})
    altered = sorted({event_id for event_id, text in pairs if committed.get(event_id, text) != text})
    return findings(where, {Fault.UNCOMMITTED: unknown, Fault.ALTERED: altered})


def check_acknowledged(acknowledged: Sequence[tuple[int, str]], committed: Mapping[int, str]) -> list[Finding]:
    """Every acknowledged post is committed with the text that was sent, under an id of its own."""
    where = "acknowledged posts"
    again = repeated([event_id for event_id, _ in acknowledged])
    return check_texts(where, acknowledged, committed) + findings(where, {Fault.REPEATED: again})


def check_posted_once(committed: Mapping[int, str]) -> list[Finding]:
    """Each post has a unique text, and none was committed twice: a retry with its key posts once."""
    counts = Counter(committed.values())
    again = sorted(event_id for event_id, text in committed.items() if counts[text] > 1)
    return findings("events table", {Fault.REPEATED: again})


def repeated(ids: Iterable[int]) -> list[int]:
    return sorted(event_id for event_id, count in Counter(ids).items() if count > 1)


def reordered(ids: Sequence[int]) -> list[int]:
    return [later for earlier, later in pairwise(ids) if later < earlier]


def findings(where: str, faults: Mapping[Fault, Sequence[int]]) -> list[Finding]:
    return [Finding(fault, where, tuple(ids)) for fault, ids in faults.items() if ids]
