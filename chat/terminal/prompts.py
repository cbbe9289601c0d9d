"""Prompts: for a password, without echo or from standard input with -, and for a confirmation.

A password is never a command's argument, because other users of the machine can see arguments."""

import sys
from getpass import getpass

import click

from chat.terminal.errors import Failure

PASSWORD_IS_NO_ARGUMENT = (
    "a password is not given as an argument, where others can see it: leave it out to be prompted, or give - to read it from standard input"
)


def only_dash(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value not in {None, "-"}:
        raise click.UsageError(PASSWORD_IS_NO_ARGUMENT)
    return value


yes_option = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
password_source = click.argument("source", required=False, metavar="[-]", callback=only_dash)


def read_password(source: str | None, *, twice: bool = False, label: str = "Password") -> str:
    """twice: for a new password, to catch a typing error. Raises UsageError without a terminal, Failure if the two differ."""
    if source == "-":
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise click.UsageError("there is no terminal for a password prompt: give - to read it from standard input")
    password = getpass(f"{label}: ")
    if twice and getpass("Once more: ") != password:
        raise Failure("the two are not the same")
    return password


def confirm(question: str, *, yes: bool) -> None:
    """Asks before an action that cannot be undone. Raises Failure if the answer is no, UsageError without a terminal."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("there is no terminal for a confirmation: --yes confirms")
    if not click.confirm(question, err=True):
        raise Failure("nothing was done")
