"""Commands by theme; and those that are loaded when they are asked for: else each start would wait for prompt_toolkit, or want the server's
own libraries."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from chat.terminal.failures import Failure


class ThemedGroup(click.Group):
    """Its help lists the commands under their themes. parts: for a command's name its theme and where it is, as `module:attribute`."""

    def __init__(self, *arguments: Any, parts: Mapping[str, tuple[str, str]], **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._parts = dict(parts)
        self._themes: dict[str, str] = {}

    def add_command(self, cmd: click.Command, name: str | None = None, theme: str = "Commands") -> None:
        super().add_command(cmd, name)
        self._themes[name or cmd.name or ""] = theme

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self._parts})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._parts:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = self._parts[cmd_name][1].partition(":")
        try:
            command: click.Command = getattr(import_module(module), attribute)
        except ModuleNotFoundError as missing:
            return _absent(cmd_name, missing)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        themes = self._themes | {name: theme for name, (theme, _) in self._parts.items()}
        for theme in dict.fromkeys(themes.values()):
            rows = [(name, self._says(ctx, name)) for name in self.list_commands(ctx) if themes[name] == theme]
            with formatter.section(theme):
                formatter.write_dl(rows)

    def _says(self, ctx: click.Context, name: str) -> str:
        command = self.get_command(ctx, name)
        return command.get_short_help_str(limit=formatted_width(ctx)) if command else ""


def formatted_width(ctx: click.Context) -> int:
    """Of a command's line of help."""
    return (ctx.max_content_width or 80) - 14


def _absent(name: str, missing: ModuleNotFoundError) -> click.Command:
    """Listed nevertheless, so that nobody looks for it in vain."""

    def say_so(**_arguments: object) -> None:
        raise Failure(f"{name} needs {missing.name}, which is not installed here: run it as bin/chat in the service's own folder")

    return click.Command(name, callback=say_so, short_help="(not installed here)", context_settings={"ignore_unknown_options": True})
