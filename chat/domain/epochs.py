"""The epochs of the log. An epoch ends when the record goes back to an earlier state: after a failover that lost commits, or a restore.

The next epoch's ids begin far above all ids that anybody may have seen, so an id names the same event for ever. The ids between are no
events: a cursor among them is of what was lost."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Epochs:
    """names: of the epochs, the present one last. gaps: for each epoch but the first, the last id that the one before it kept, and the id
    above which its own begin."""

    names: tuple[str, ...] = ()
    gaps: tuple[tuple[int, int], ...] = ()

    @property
    def name(self) -> str:
        """Of the present epoch; empty before the database was asked."""
        return self.names[-1] if self.names else ""

    def valid(self, cursor: int) -> int:
        """The cursor; or, if it is of what was lost, the last id before that which still holds."""
        for last, first in self.gaps:
            if last < cursor < first:
                return last
        return cursor


class OtherEpoch(Exception):
    """The log and the caller are of different epochs, or the log has events that the record lacks: the database knows what holds."""


@dataclass(frozen=True, slots=True)
class LogState:
    """The log as the database has it. head: the newest committed id, or the one above which the present epoch begins."""

    head: int
    epochs: Epochs
