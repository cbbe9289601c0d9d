"""Prints a report for people at a terminal."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from chat.audit.latency import Percentiles
from chat.audit.probe import TransportState
from chat.audit.report import Report, Transport

SHOWN_FINDINGS = 20
NOTHING = "-"


def print_report(console: Console, report: Report) -> None:
    console.print(_verdict(report))
    _print_lines(console, "red", [*map(str, report.findings), *report.surprises])
    _print_lines(console, "yellow", report.advice)
    console.print(_delays(report))
    console.print(_transports(report))
    console.print(_totals(report), style="dim")
    _print_lines(console, "yellow", [f"left behind: {leftover}" for leftover in report.left])


def _verdict(report: Report) -> str:
    if not report.is_clean:
        return f"[bold red]Promises broken[/] at {escape(report.url)}"
    deliveries = report.sse.deliveries + report.long_poll.deliveries
    return (
        f"[bold green]Clean[/] at {escape(report.url)}: {report.clients} clients got {deliveries} deliveries of "
        f"{report.posts.acknowledged} posts: none lost, repeated or out of order; no acknowledged post is missing"
    )


def _print_lines(console: Console, style: str, lines: list[str]) -> None:
    for line in lines[:SHOWN_FINDINGS]:
        console.print(f"  {line}", style=style, markup=False, highlight=False)
    if len(lines) > SHOWN_FINDINGS:
        console.print(f"  and {len(lines) - SHOWN_FINDINGS} more: --json has them all", style=style)


def _delays(report: Report) -> Table:
    table = Table("milliseconds", box=None, header_style="bold", title_justify="left", pad_edge=False)
    for heading in ("p50", "p95", "p99", "worst", "of"):
        table.add_column(heading, justify="right")
    table.add_row("a post, until its 201", *_cells(report.posts.answer))
    for name, transport in _named_transports(report):
        table.add_row(f"{name}: first byte", *_cells(transport.first_byte))
        table.add_row(f"{name}: delivery, from the post being sent", *_cells(transport.since_sent))
        table.add_row(f"{name}: delivery, from its 201", *_cells(transport.since_answered))
    table.add_row("this computer's own part, at most", *_cells(report.own_lag))
    return table


def _cells(delay: Percentiles | None) -> list[str]:
    if delay is None:
        return [NOTHING] * 5
    return [*(f"{value:.1f}" for value in (delay.p50, delay.p95, delay.p99, delay.worst)), str(delay.count)]


def _transports(report: Report) -> Table:
    table = Table("transport", box=None, header_style="bold", pad_edge=False)
    for heading in ("state", "clients", "deliveries", "resumes", "because of"):
        table.add_column(heading, justify="left" if heading in {"state", "because of"} else "right")
    for name, transport in _named_transports(report):
        reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(transport.reasons.items())) or NOTHING
        numbers = (transport.clients, transport.deliveries, transport.resumes)
        table.add_row(name, _state(transport), *map(str, numbers), reasons)
    return table


def _state(transport: Transport) -> str:
    return f"[{'green' if transport.state is TransportState.WORKS else 'bold yellow'}]{transport.state}[/]"


def _totals(report: Report) -> str:
    posts = report.posts
    return (
        f"{posts.acknowledged} posts acknowledged in {report.seconds:g} s, {posts.a_second:g} a second; {posts.unanswered} never answered, "
        f"{posts.repeated_attempts} attempts repeated; --seed {report.seed} repeats it"
    )


def _named_transports(report: Report) -> list[tuple[str, Transport]]:
    return [("SSE", report.sse), ("long poll", report.long_poll)]
