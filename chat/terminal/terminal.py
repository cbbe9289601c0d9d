"""What every command is handed: the server, who one is there, and where to print; from the options, the environment and the file."""

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
from chat.terminal.failures import NotFound, NotSignedIn
from chat.terminal.output import Output

Command = Callable[..., None]


@dataclass
class Terminal:
    config: Config
    url: str
    output: Output

    @classmethod
    def open(cls, url: str | None = None, *, as_json: bool = False) -> "Terminal":
        config = Config.load()
        return cls(config, checked_url(url or os.environ.get("CHAT_URL") or config.url), Output(as_json=as_json))

    @property
    def token(self) -> str | None:
        account = self.config.accounts.get(self.url)
        return os.environ.get("CHAT_TOKEN") or (account.token if account else None)

    @cached_property
    def client(self) -> Client:
        """In the name of whoever is signed in. Raises NotSignedIn."""
        if not self.token:
            raise NotSignedIn(f"not signed in to {self.url}: chat signin NAME, or chat signup NAME")
        refused = f"not signed in to {self.url} any more: chat signin NAME"
        return Client(self.url, {"Authorization": f"Bearer {self.token}"}, refused)

    def anonymous(self) -> Client:
        return Client(self.url, {})


def command(function: Command) -> Command:
    """Gives a command --json and --url, and a Terminal for its first argument."""

    @click.option("--json", "as_json", is_flag=True, help="For programs: one JSON document, or one a line where it goes on.")
    @click.option("--url", metavar="URL", help="The server, instead of the one signed in to last (or CHAT_URL).")
    @functools.wraps(function)
    def wrapped(as_json: bool, url: str | None, **arguments: Any) -> None:
        function(Terminal.open(url, as_json=as_json), **arguments)

    return wrapped


@contextmanager
def where_missing(words: str) -> Iterator[None]:
    """Says so of what was not found."""
    try:
        yield
    except NotFound as missing:
        if missing.status != 404:
            raise
        raise missing.saying(words) from None


def looking_for(what: str, command: str) -> AbstractContextManager[None]:
    """Says how to find what was not found."""
    return where_missing(f"there is no {what} that you may see: `{command}` lists those that there are")


def looking_for_room(room: str) -> AbstractContextManager[None]:
    return looking_for(f"room {room!r}", "chat rooms")


def looking_for_user(user: str) -> AbstractContextManager[None]:
    return looking_for(f"user {user!r}", "chat users")
