"""`audit URL`: measures a running deployment as its users meet it."""

import asyncio
import json
import random
import signal

import click
from rich.console import Console

from chat.audit.connection import Address
from chat.audit.plan import Plan
from chat.audit.report import Report, report
from chat.audit.run import Evidence, Tell
from chat.audit.run import audit as run_audit
from chat.audit.screen import show
from chat.audit.service import Refused, Unreachable

BROKEN = 1
NOT_SIGNED_IN = 3
UNREACHABLE = 5
INTERRUPTED = 130  # as a shell says it of Ctrl-C


def _address(_context: click.Context, _parameter: click.Parameter, url: str) -> str:
    try:
        Address.of(url)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    return url


def _token(_context: click.Context, _parameter: click.Parameter, token: str | None) -> str | None:
    """What no header can hold would be shown in the library's complaint about it."""
    if token is not None and not (token.isascii() and token.isprintable() and " " not in token):
        raise click.BadParameter("holds what no token does")
    return token


@click.command(name="audit")
@click.argument("url", callback=_address)
@click.option("--clients", type=click.IntRange(2, 2000), default=40, show_default=True, help="Half read by SSE, half by long poll.")
@click.option("--seconds", type=click.FloatRange(1, 86400), default=30.0, show_default=True, help="How long is posted.")
@click.option("--rate", type=click.FloatRange(0.1, 1000), default=20.0, show_default=True, help="Posts a second, in all.")
@click.option("--seed", type=int, help="Repeats the random choices of another run.")
@click.option(
    "--token",
    envvar="CHAT_AUDIT_TOKEN",
    callback=_token,
    help="An account to use, where signing up is not wanted; better in CHAT_AUDIT_TOKEN.",
)
@click.option("--keep", is_flag=True, help="Use ordinary rooms, and leave them there to look at.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON on standard output.")
def audit(url: str, clients: int, seconds: float, rate: float, seed: int | None, token: str | None, keep: bool, as_json: bool) -> None:
    """Measure the deployment at URL as its users meet it.

    Signs up throw-away people, makes closed rooms that keep no record, posts to them and directly, and reads on both transports
    with clients that drop at random and come back with the last id they saw. Then every reading is checked against the record:
    anything lost, repeated or out of order is reported, and how long everything took. The rooms are removed and the sessions
    ended afterwards, also after Ctrl-C; the accounts (audit-…) and what they wrote to each other stay. With --token nobody
    is signed up, and nothing is written directly.

    Exit code: 0 clean, 1 not as promised, 3 the token is not good, 5 the service cannot be reached.
    """
    plan = Plan(url, clients, seconds, rate, random.randrange(2**32) if seed is None else seed, token, keep)
    found = _found(plan, quiet=as_json)
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=2))
    else:
        show(Console(), found)
    raise SystemExit(0 if found.is_clean else BROKEN)


def _found(plan: Plan, *, quiet: bool) -> Report:
    """The report, or the end of the process with a line on standard error."""
    left: list[str] = []
    try:
        with Console(stderr=True, quiet=quiet).status("") as status:
            return report(asyncio.run(_interruptible(plan, status.update, left)), left)
    except Unreachable as failure:
        raise _ended(f"cannot be reached: {failure}", left, UNREACHABLE) from None
    except Refused as refused:
        raise _ended(str(refused), left, NOT_SIGNED_IN if refused.status == 401 else BROKEN) from None
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise _ended("stopped", left, INTERRUPTED) from None


async def _interruptible(plan: Plan, tell: Tell, left: list[str]) -> Evidence:
    """SIGTERM ends it as Ctrl-C does: by a cancellation, after which everything is removed."""
    running = asyncio.current_task()
    assert running is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    return await run_audit(plan, tell, left)


def _ended(line: str, left: list[str], code: int) -> SystemExit:
    for said in (line, *(f"left behind: {what}" for what in left)):
        click.echo(f"audit: {said}", err=True)
    return SystemExit(code)
