"""The command `audit URL`: options, exit codes, and what is printed."""

import asyncio
import json
import random
import signal

import click
from rich.console import Console

from chat.audit.api_client import Refused, Unreachable
from chat.audit.connection import Address
from chat.audit.plan import Plan
from chat.audit.rendering import print_report
from chat.audit.report import Report, make_report
from chat.audit.run import Evidence, ShowProgress, run_audit

BROKEN = 1
NOT_SIGNED_IN = 3
UNREACHABLE = 5
INTERRUPTED = 130  # as a shell reports Ctrl-C


def _check_address(_context: click.Context, _parameter: click.Parameter, url: str) -> str:
    try:
        Address.of(url)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    return url


def _check_token(_context: click.Context, _parameter: click.Parameter, token: str | None) -> str | None:
    """Refuses here what no header can hold: the HTTP library would show the token in its error."""
    if token is not None and not (token.isascii() and token.isprintable() and " " not in token):
        raise click.BadParameter("holds characters that no token has")
    return token


@click.command(name="audit")
@click.argument("url", callback=_check_address)
@click.option("--clients", type=click.IntRange(2, 2000), default=40, show_default=True, help="Half read by SSE, half by long poll.")
@click.option("--seconds", type=click.FloatRange(1, 86400), default=30.0, show_default=True, help="How long clients post.")
@click.option("--rate", type=click.FloatRange(0.1, 1000), default=20.0, show_default=True, help="Posts a second, in total.")
@click.option("--seed", type=int, help="Repeats the random choices of another run.")
@click.option(
    "--token",
    envvar="CHAT_AUDIT_TOKEN",
    callback=_check_token,
    help="Use this account instead of signing up new ones; better set in CHAT_AUDIT_TOKEN.",
)
@click.option("--keep", is_flag=True, help="Use ordinary rooms, and do not remove them.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON on standard output.")
def audit(url: str, clients: int, seconds: float, rate: float, seed: int | None, token: str | None, keep: bool, as_json: bool) -> None:
    """Measure the deployment at URL as its users meet it.

    Signs up temporary accounts, makes closed rooms whose messages are not kept, posts to the rooms and directly, and reads over both
    transports with clients that drop at random and resume from the last id they saw. Then compares what every client read with the
    record: reports each event that was lost, repeated or out of order, and how long everything took. Afterwards, also after Ctrl-C,
    it removes the rooms and ends the sessions; the accounts (audit-…) and their direct messages stay. With --token it signs nobody
    up and sends no direct messages.

    Exit code: 0 clean, 1 promises broken, 3 the token is not valid, 5 the service cannot be reached.
    """
    plan = Plan(url, clients, seconds, rate, random.randrange(2**32) if seed is None else seed, token, keep)
    report = _report_of(plan, quiet=as_json)
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        print_report(Console(), report)
    raise SystemExit(0 if report.is_clean else BROKEN)


def _report_of(plan: Plan, *, quiet: bool) -> Report:
    """Runs the audit. An error ends the process with a line on standard error."""
    leftovers: list[str] = []
    try:
        with Console(stderr=True, quiet=quiet).status("") as status:
            return make_report(asyncio.run(_run_interruptibly(plan, status.update, leftovers)), leftovers)
    except Unreachable as failure:
        raise _exit(f"cannot be reached: {failure}", leftovers, UNREACHABLE) from None
    except Refused as refused:
        raise _exit(str(refused), leftovers, NOT_SIGNED_IN if refused.status == 401 else BROKEN) from None
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise _exit("stopped", leftovers, INTERRUPTED) from None


async def _run_interruptibly(plan: Plan, show_progress: ShowProgress, leftovers: list[str]) -> Evidence:
    """SIGTERM cancels the run as Ctrl-C does, so that everything is removed afterwards."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await run_audit(plan, show_progress, leftovers)


def _exit(message: str, leftovers: list[str], code: int) -> SystemExit:
    for line in (message, *(f"left behind: {leftover}" for leftover in leftovers)):
        click.echo(f"audit: {line}", err=True)
    return SystemExit(code)
