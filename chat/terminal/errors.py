"""Errors that end a command: one line on stderr, and an exit code that tells a script what happened."""

from typing import Self

import click

INTERRUPTED = 130  # as a shell reports Ctrl-C


class Failure(click.ClickException):
    """The service refused, or something here failed. Exit code 1; the subclasses have their own.

    status: of the response, if there was one; retry_after: seconds that it asks to wait."""

    exit_code = 1

    def __init__(self, message: str, status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after

    def with_message(self, message: str) -> Self:
        return type(self)(message, self.status, self.retry_after)


class WrongUsage(Failure):
    exit_code = 2


class NotSignedIn(Failure):
    exit_code = 3


class NotFound(Failure):
    exit_code = 4


class Unreachable(Failure):
    """Nothing answers, or only a proxy that reports the service as unavailable."""

    exit_code = 5


def one_line_usage(error: click.UsageError) -> Failure:
    """click itself prints three lines."""
    path = error.ctx.command_path if error.ctx else "chat"
    return WrongUsage(f"{error.format_message().rstrip('.')} (see {path} --help)")
