"""Command groups: commands under headings, and lazy commands, which are imported when they are used.

Otherwise every start would wait for prompt_toolkit, or need the server's libraries."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from chat.terminal.errors import Failure


class HeadedGroup(click.Group):
    """Its help lists the commands under headings. lazy: by a command's name its heading and its place, as `module:attribute`."""

    def __init__(self, *arguments: Any, lazy: Mapping[str, tuple[str, str]], **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._lazy = dict(lazy)
        self._headings: dict[str, str] = {}

    def add_command(self, cmd: click.Command, name: str | None = None, heading: str = "Commands") -> None:
        super().add_command(cmd, name)
        self._headings[name or cmd.name or ""] = heading

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self._lazy})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._lazy:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = self._lazy[cmd_name][1].partition(":")
        try:
            command: click.Command = getattr(import_module(module), attribute)
        except ModuleNotFoundError as missing:
            return _unavailable(cmd_name, missing)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        headings = self._headings | {name: heading for name, (heading, _) in self._lazy.items()}
        for heading in dict.fromkeys(headings.values()):
            rows = [(name, self._short_help(ctx, name)) for name in self.list_commands(ctx) if headings[name] == heading]
            with formatter.section(heading):
                formatter.write_dl(rows)

    def _short_help(self, ctx: click.Context, name: str) -> str:
        command = self.get_command(ctx, name)
        return command.get_short_help_str(limit=(ctx.max_content_width or 80) - 14) if command else ""


def _unavailable(name: str, missing: ModuleNotFoundError) -> click.Command:
    """A command that is listed although its libraries are missing, and says so when it is run."""

    def fail(**_arguments: object) -> None:
        raise Failure(f"{name} needs {missing.name}, which is not installed here: run it as bin/chat in the service's own folder")

    return click.Command(name, callback=fail, short_help="(not installed here)", context_settings={"ignore_unknown_options": True})
