"""The arguments that name a room or a user, with what a shell completes them to."""

from collections.abc import Iterator

import click
from click.shell_completion import CompletionItem

from chat.terminal.cleaning import UNSAFE
from chat.terminal.client import path
from chat.terminal.failures import Failure
from chat.terminal.terminal import Terminal

COMPLETIONS = 50


class Reference(click.ParamType[str]):
    """An id or a name of one of the server's lists."""

    def __init__(self, name: str, listed_at: str) -> None:
        self.name = name
        self._listed_at = listed_at

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """An empty name would be the list's own address, and dots would be taken for folders."""
        if not value.strip().strip("."):
            self.fail(f"{value!r} is not the name of a {self.name}", param, ctx)
        return value

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002
        try:
            return [CompletionItem(name) for name in self._names(incomplete)]
        except Failure:  # A shell has no place to say so.
            return []

    def _names(self, incomplete: str) -> Iterator[str]:
        found = Terminal.open().client.get(path(self._listed_at), name=incomplete, limit=COMPLETIONS)
        names = (str(item["name"]) for item in found if item["name"])
        return (name for name in names if name.startswith(incomplete) and not UNSAFE.search(name))


ROOM = Reference("room", "rooms")
USER = Reference("user", "users")
