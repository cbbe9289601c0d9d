"""The table, as Markdown: one row a fault."""

import math
from collections.abc import Iterable, Mapping

from faults.checker import Verdict

COLUMNS = (
    "fault",
    "what posters got",
    "longest wait",
    "what followers saw",
    "well after",
    "lost",
    "repeated",
    "phantom",
    "what `/readyz` said",
)
NOTHING = "-"


def heading() -> str:
    return f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}"


def line(title: str, verdict: Verdict) -> str:
    cells = (
        title,
        posters(verdict),
        f"{verdict.longest_wait:.1f} s" + (f", {verdict.unanswered} never accepted" if verdict.unanswered else ""),
        followers(verdict),
        well(verdict),
        lost(verdict),
        repeated(verdict),
        phantom(verdict),
        readyz(verdict),
    )
    return f"| {' | '.join(cells)} |"


def title_of(row: str) -> str:
    return row.split("|")[1].strip() if row.startswith("|") else ""


def skipped(title: str, why: str) -> str:
    return f"| {title} | not run: {why} |{' |' * (len(COLUMNS) - 2)}"


def posters(verdict: Verdict) -> str:
    cells = [counted(verdict.results)]
    seconds, result = verdict.slowest_failure
    if result:
        cells.append(f"slowest {result} after {seconds:.1f} s")
    if verdict.refused_but_landed:
        cells.append(f"**{verdict.refused_but_landed} refused, but landed**")
    return "; ".join(cells)


def followers(verdict: Verdict) -> str:
    stuck, all_of_them = verdict.behind
    cells = [f"{verdict.deliveries} deliveries", f"**{stuck} of {all_of_them} never at the head**" if stuck else ""]
    cells.append(f"the slowest after {verdict.slowest_delivery:.1f} s")
    cells.append(f"silent for {verdict.longest_silence:.1f} s" if verdict.longest_silence else "")
    ends = {why: count for why, count in verdict.ends.items() if why != "left"}
    cells.append(counted(ends) if ends else "")
    cells.append(f"{verdict.resets} resets took back {verdict.withdrawn}" if verdict.resets else "")
    cells += verdict.notes
    return "; ".join(cell for cell in cells if cell)


def well(verdict: Verdict) -> str:
    if verdict.until_well == 0:
        return "0 s"
    slow = {name: value for name, value in verdict.well_parts.items() if value > 0}
    worst = max(slow, key=lambda name: slow[name])
    return f"{seconds(verdict.until_well)} ({worst})"


def lost(verdict: Verdict) -> str:
    """Posts that were accepted and are gone, then deliveries that never came."""
    return f"{strong(verdict.lost_posts, 'posts')}, {strong(verdict.lost, 'deliveries')}"


def repeated(verdict: Verdict) -> str:
    parts = {"deliveries": verdict.repeated, "out of order": verdict.reordered, "posts doubled": verdict.doubled}
    return ", ".join(strong(count, what) for what, count in parts.items() if count or what == "deliveries")


def phantom(verdict: Verdict) -> str:
    return strong(verdict.phantom, "")


def readyz(verdict: Verdict) -> str:
    cells = [counted(verdict.readyz)]
    if verdict.slowest_probe > 1:
        cells.append(f"slowest {verdict.slowest_probe:.1f} s")
    if verdict.ready_while_ill:
        cells.append(f"**200: {verdict.ready_while_ill} while ill (for {verdict.ill_seconds:.1f} s)**")
    return "; ".join(cells)


def counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{what}: {count}" for what, count in sorted(counts.items(), key=lambda pair: -pair[1])) or NOTHING


def seconds(value: float) -> str:
    return "never" if math.isinf(value) else f"{value:.1f} s"


def strong(count: int, what: str) -> str:
    text = f"{count} {what}".strip()
    return f"**{text}**" if count else text


def whole(rows: Iterable[str]) -> str:
    return "\n".join((heading(), *rows))
