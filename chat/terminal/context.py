"""The first argument of every command: the server, the account and the output, from the options, the environment and the file."""

import functools
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import click

from chat.terminal.client import Client
from chat.terminal.config import Config, checked_url
from chat.terminal.errors import NotFound, NotSignedIn
from chat.terminal.output import Output

JSON_HELP = "For programs: print one JSON document, or one a line for a stream."
URL_HELP = "Use this server instead of CHAT_URL or of the one last signed in to."


@dataclass
class CommandContext:
    config: Config
    url: str
    output: Output

    @classmethod
    def open(cls, url: str | None = None, *, as_json: bool = False) -> "CommandContext":
        config = Config.load()
        return cls(config, checked_url(url or os.environ.get("CHAT_URL") or config.url), Output(as_json=as_json))

    @property
    def token(self) -> str | None:
        account = self.config.accounts.get(self.url)
        return os.environ.get("CHAT_TOKEN") or (account.token if account else None)

    @cached_property
    def client(self) -> Client:
        """A client with the account's token. Raises NotSignedIn."""
        if not self.token:
            raise NotSignedIn(f"not signed in to {self.url}: chat signin NAME, or chat signup NAME")
        unauthorized = f"not signed in to {self.url} any more: chat signin NAME"
        return Client(self.url, {"Authorization": f"Bearer {self.token}"}, unauthorized)

    def anonymous(self) -> Client:
        return Client(self.url, {})


def command(*references: click.ParamType[str], name: str | None = None) -> Callable[[Callable[..., None]], click.Command]:
    """Makes a command, whose first arguments are the references. Adds --json and --url, and passes a CommandContext first."""

    def decorate(function: Callable[..., None]) -> click.Command:
        @functools.wraps(function)
        def wrapped(as_json: bool, url: str | None, **arguments: Any) -> None:
            function(CommandContext.open(url, as_json=as_json), **arguments)

        made = click.command(name, params=[click.Argument([reference.name], type=reference) for reference in references])(wrapped)
        made.params += [
            click.Option(["--json", "as_json"], is_flag=True, help=JSON_HELP),
            click.Option(["--url"], metavar="URL", help=URL_HELP),
        ]
        return made

    return decorate


@contextmanager
def explain_not_found(message: str) -> Iterator[None]:
    """Replaces the message of a 404."""
    try:
        yield
    except NotFound as missing:
        if missing.status != 404:
            raise
        raise missing.with_message(message) from None


def lookup(what: str, list_command: str) -> AbstractContextManager[None]:
    """On a 404, the error names the command that lists the things that exist."""
    return explain_not_found(f"there is no {what} that you may see: `{list_command}` lists those that there are")


def room_lookup(room: str) -> AbstractContextManager[None]:
    return lookup(f"room {room!r}", "chat rooms")


def user_lookup(user: str) -> AbstractContextManager[None]:
    return lookup(f"user {user!r}", "chat users")
