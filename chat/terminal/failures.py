"""What ends a command other than well: one line on stderr, and an exit code that a script can tell apart."""

from typing import Self

import click

INTERRUPTED = 130  # as a shell says it of Ctrl-C


class Failure(click.ClickException):
    """The service said no, or something here did. Exit code 1; the subclasses have their own, and 2 is wrong usage.

    status is the answer's, where there was one; retry_after the seconds that it asked for."""

    exit_code = 1

    def __init__(self, message: str, status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after

    def saying(self, message: str) -> Self:
        """The same, in words that help."""
        return type(self)(message, self.status, self.retry_after)


class WrongUsage(Failure):
    exit_code = 2


class NotSignedIn(Failure):
    exit_code = 3


class NotFound(Failure):
    exit_code = 4


class Unreachable(Failure):
    """Nobody answers, or only a proxy that says so."""

    exit_code = 5


def usage_in_one_line(error: click.UsageError) -> Failure:
    """click would print three lines."""
    path = error.ctx.command_path if error.ctx else "chat"
    return WrongUsage(f"{error.format_message().rstrip('.')} (see {path} --help)")
