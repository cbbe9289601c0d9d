"""Arguments that name a room or a user, with shell completion."""

import click
from click.shell_completion import CompletionItem

from chat.terminal.client import path
from chat.terminal.context import CommandContext
from chat.terminal.errors import Failure
from chat.terminal.sanitize import UNSAFE

COMPLETIONS = 50


class Reference(click.ParamType[str]):
    """The id or name of an item in one of the server's lists."""

    def __init__(self, name: str, list_path: str) -> None:
        self.name = name
        self._list_path = list_path

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuses an empty name, which would be the address of the list, and dots, which would be taken for folders."""
        if not value.strip().strip("."):
            self.fail(f"{value!r} is not the name of a {self.name}", param, ctx)
        return value

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002
        try:
            items = CommandContext.open().client.get(path(self._list_path), name=incomplete, limit=COMPLETIONS)
        except Failure:  # A shell cannot show an error here.
            return []
        names = (str(item["name"]) for item in items if item["name"])
        return [CompletionItem(name) for name in names if name.startswith(incomplete) and not UNSAFE.search(name)]


ROOM = Reference("room", "rooms")
USER = Reference("user", "users")
