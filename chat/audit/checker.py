"""Compares what was committed with what was acknowledged, read and put into the log.

Pure: ids and texts in, findings out; no finding means that the promise held.
Every check is linear in what it is given and says which ids, at which reader, broke which rule.
"""

import enum
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

SHOWN_IDS = 8  # a finding names the first few ids: enough to look them up, short enough to read


class Fault(enum.StrEnum):
    """The ways in which the promises can be broken."""

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
    """One broken rule: what happened, at whom, and with which ids."""

    fault: Fault
    where: str
    ids: tuple[int, ...]

    def __str__(self) -> str:
        shown = ", ".join(map(str, self.ids[:SHOWN_IDS]))
        more = f" and {len(self.ids) - SHOWN_IDS} more" if len(self.ids) > SHOWN_IDS else ""
        return f"{self.where}: {self.fault} {shown}{more}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reader saw over all its connections: everything above `start`, up to `end`, was owed."""

    reader: str
    start: int
    end: int
    seen: Sequence[int]


def check_reading(reading: Reading, visible: Iterable[int]) -> list[Finding]:
    """Exactly the `visible` committed ids between the reading's cursors, once, in order."""
    owed = {event_id for event_id in visible if reading.start < event_id <= reading.end}
    seen = set(reading.seen)
    return _findings(
        reading.reader,
        {
            Fault.LOST: sorted(owed - seen),
            Fault.FOREIGN: sorted(seen - owed),
            Fault.REPEATED: _repeated(reading.seen),
            Fault.REORDERED: _reordered(reading.seen),
        },
    )


def check_texts(where: str, shown: Iterable[tuple[int, str]], committed: Mapping[int, str]) -> list[Finding]:
    """Every id shown to somebody is committed, with the very text that was shown."""
    pairs = set(shown)
    unknown = sorted({event_id for event_id, _ in pairs if event_id not in committed})
    altered = sorted({event_id for event_id, text in pairs if committed.get(event_id, text) != text})
    return _findings(where, {Fault.UNCOMMITTED: unknown, Fault.ALTERED: altered})


def check_acknowledged(acknowledged: Sequence[tuple[int, str]], committed: Mapping[int, str]) -> list[Finding]:
    """Every acknowledged post is committed as it was sent, under an id of its own."""
    where = "acknowledged posts"
    repeated = _repeated([event_id for event_id, _ in acknowledged])
    return check_texts(where, acknowledged, committed) + _findings(where, {Fault.REPEATED: repeated})


def check_posted_once(committed: Mapping[int, str]) -> list[Finding]:
    """No text, where each post has a text of its own, was committed twice: a retry with its key posts once."""
    counts = Counter(committed.values())
    repeated = sorted(event_id for event_id, text in committed.items() if counts[text] > 1)
    return _findings("events table", {Fault.REPEATED: repeated})


def check_table(ids: Sequence[int], head: int, removed: Collection[int] = ()) -> list[Finding]:
    """The ids, ascending, are dense from 1 to `head`, but for those whose room was `removed`."""
    missing = sorted(set(range(1, head + 1)) - set(ids) - set(removed))
    beyond = [event_id for event_id in ids if event_id > head]
    return _findings("events table", {Fault.GAP: missing, Fault.UNCOMMITTED: beyond})


def check_log(ids: Sequence[int], head: int, removed: Collection[int] = ()) -> list[Finding]:
    """The log's entries have no hole between the first and the last, and the last is the head."""
    gone = set(removed)
    missing = sorted(_between(ids) - set(ids) - gone)
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


def _between(ids: Sequence[int]) -> set[int]:
    return set(range(min(ids), max(ids) + 1)) if ids else set()


def _repeated(ids: Iterable[int]) -> list[int]:
    return sorted(event_id for event_id, count in Counter(ids).items() if count > 1)


def _reordered(ids: Sequence[int]) -> list[int]:
    return [later for earlier, later in pairwise(ids) if later < earlier]


def _findings(where: str, broken: Mapping[Fault, Sequence[int]]) -> list[Finding]:
    return [Finding(fault, where, tuple(ids)) for fault, ids in broken.items() if ids]
