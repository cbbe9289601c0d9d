"""What a person is asked at the terminal: the password, without echo, or a line of standard input with -; and whether they are sure.

A password is never one of the command's arguments, which others on the machine can see."""

import sys
from getpass import getpass

import click

from chat.terminal.failures import Failure

REFUSED = (
    "a password is not given as an argument, where others can see it: leave it away to be asked, or give - to read it from standard input"
)


def only_dash(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value not in {None, "-"}:
        raise click.UsageError(REFUSED)
    return value


yes_option = click.option("--yes", is_flag=True, help="Without asking whether one is sure.")
password_source = click.argument("source", required=False, metavar="[-]", callback=only_dash)


def password(source: str | None, *, twice: bool = False, what: str = "Password") -> str:
    """twice: for a new one, which nobody has typed yet."""
    if source == "-":
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to ask for the password at: give - to read it from standard input")
    typed = getpass(f"{what}: ")
    if twice and getpass("Once more: ") != typed:
        raise Failure("the two are not the same")
    return typed


def be_sure(question: str, *, yes: bool) -> None:
    """Before what cannot be taken back. Raises Failure, and where nobody can be asked UsageError."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to ask at whether you are sure: --yes says so")
    if not click.confirm(question, err=True):
        raise Failure("nothing was done")
