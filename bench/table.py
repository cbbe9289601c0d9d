"""A measured figure, its target, and the table of them."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

FAILURES = ("inexact", "disorder", "closed", "endings", "refused", "last_refusal", "failed_posts", "last_failure")


@dataclass(frozen=True)
class Row:
    """One figure. `exact` is false when a stream lost, repeated or reordered anything: no target counts as reached then."""

    what: str
    value: float
    unit: str
    exact: bool = True
    above: float | None = None
    below: float | None = None
    load_cpu: float = 0.0
    note: str = ""
    detail: list[dict[str, Any]] = field(default_factory=list)

    def reached(self) -> bool | None:
        """Returns None if there is no target."""
        if not self.exact:
            return False
        if self.above is not None:
            return self.value >= self.above
        if self.below is not None:
            return self.value < self.below
        return None


def figure(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"


def line(row: Row) -> str:
    """One row of the table. A failure is printed in capitals."""
    goal = _goal(row)
    verdict = "NOT EXACT" if not row.exact else {None: "", True: "yes", False: "NO"}[row.reached()]
    amount = f"{figure(row.value)} {row.unit}"
    return f"{row.what:<46} {amount:>22}  {goal:>14}  {verdict:<9}  {row.load_cpu:>4.0%}  {_failures(row)}{row.note}".rstrip()


def _failures(row: Row) -> str:
    """The load generator's failure counters of each run that is not exact."""
    wrong = [{name: run[name] for name in FAILURES if run.get(name)} for run in row.detail if not run["exact"]]
    return f"FAILED {wrong} " if wrong else ""


def _goal(row: Row) -> str:
    if row.above is not None:
        return f">= {figure(row.above)}"
    return f"< {figure(row.below)}" if row.below is not None else ""


def heading() -> str:
    titles = f"{'':<46} {'figure':>22}  {'target':>14}  {'reached':<9}  {'load':>4}  notes"
    return f"{titles}\n{'-' * len(titles)}"


def as_json(rows: list[Row]) -> str:
    return json.dumps([asdict(row) | {"reached": row.reached()} for row in rows], indent=2)
