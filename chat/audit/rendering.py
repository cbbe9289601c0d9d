"""The report for a person at a terminal."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from chat.audit.delays import Spread
from chat.audit.probe import State
from chat.audit.report import Report, Transport

SHOWN_FINDINGS = 20
NOTHING = "-"


def show(console: Console, report: Report) -> None:
    console.print(_verdict(report))
    _list(console, "red", [*map(str, report.findings), *report.surprises])
    _list(console, "yellow", report.advice)
    console.print(_times(report))
    console.print(_comings(report))
    console.print(_figures(report), style="dim")
    _list(console, "yellow", [f"left behind: {what}" for what in report.left])


def _verdict(report: Report) -> str:
    if not report.is_clean:
        return f"[bold red]Not as promised[/] at {escape(report.url)}"
    deliveries = report.sse.deliveries + report.long_poll.deliveries
    return (
        f"[bold green]Clean[/] at {escape(report.url)}: {report.clients} clients got {deliveries} deliveries of "
        f"{report.posts.acknowledged} posts: none lost, repeated or out of order; no acknowledged post is missing"
    )


def _list(console: Console, style: str, lines: list[str]) -> None:
    for line in lines[:SHOWN_FINDINGS]:
        console.print(f"  {line}", style=style, markup=False, highlight=False)
    if len(lines) > SHOWN_FINDINGS:
        console.print(f"  and {len(lines) - SHOWN_FINDINGS} more: --json has them all", style=style)


def _times(report: Report) -> Table:
    table = Table("milliseconds", box=None, header_style="bold", title_justify="left", pad_edge=False)
    for heading in ("p50", "p95", "p99", "worst", "of"):
        table.add_column(heading, justify="right")
    table.add_row("a post, until its 201", *_cells(report.posts.answer))
    for name, way in _ways(report):
        table.add_row(f"{name}: first byte", *_cells(way.first_byte))
        table.add_row(f"{name}: delivery, from the post being sent", *_cells(way.since_sent))
        table.add_row(f"{name}: delivery, from its 201", *_cells(way.since_answered))
    table.add_row("this computer's own part, at most", *_cells(report.own_lag))
    return table


def _cells(spread: Spread | None) -> list[str]:
    if spread is None:
        return [NOTHING] * 5
    return [*(f"{value:.1f}" for value in (spread.p50, spread.p95, spread.p99, spread.worst)), str(spread.count)]


def _comings(report: Report) -> Table:
    table = Table("transport", box=None, header_style="bold", pad_edge=False)
    for heading in ("state", "clients", "deliveries", "resumes", "because of"):
        table.add_column(heading, justify="left" if heading in {"state", "because of"} else "right")
    for name, way in _ways(report):
        reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(way.reasons.items())) or NOTHING
        table.add_row(name, _state(way), str(way.clients), str(way.deliveries), str(way.resumes), reasons)
    return table


def _state(way: Transport) -> str:
    return f"[{'green' if way.state is State.WORKS else 'bold yellow'}]{way.state}[/]"


def _figures(report: Report) -> str:
    posts = report.posts
    return (
        f"{posts.acknowledged} posts acknowledged in {report.seconds:g} s, {posts.a_second:g} a second; {posts.unanswered} never answered, "
        f"{posts.repeated_attempts} attempts repeated; --seed {report.seed} repeats it"
    )


def _ways(report: Report) -> list[tuple[str, Transport]]:
    return [("SSE", report.sse), ("long poll", report.long_poll)]
