"""Output. Results go to stdout, in colour for people, as JSON or tab-separated for programs; everything else goes to stderr."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from chat.terminal.rendering import DIM, LINK, PLAIN, WARNING, Line, format_size, format_time, render_event
from chat.terminal.sanitize import safe_json, safe_line

Reader = Callable[[dict[str, Any]], object]  # of a cell's value, from the row's item
Column = str | tuple[str, Reader]  # a field under its own name, or a title and the reader
STYLES = {DIM: "dim", PLAIN: "", WARNING: "bold yellow", LINK: "underline"}


class Output:
    """as_json: one document a command, or one a line for a stream."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)

    @property
    def for_people(self) -> bool:
        return self._console.is_terminal

    def document(self, value: Any) -> None:
        click.echo(safe_json(value, indent=2))

    def result(self, value: Any, *lines: str) -> None:
        """The result of an action: the lines for people, the value for programs."""
        if self.as_json:
            return self.document(value)
        for line in lines:
            self._console.print(Text(safe_line(line)))
        return None

    def table(self, rows: Sequence[Any], columns: Sequence[Column]) -> None:
        """Prints a table on a terminal, otherwise lines of tab-separated values; `rows` is the same as JSON."""
        readers = dict((column, field(column)) if isinstance(column, str) else column for column in columns)
        values = {title: [read(row) for row in rows] for title, read in readers.items()}
        if self.as_json:
            self.document(list(rows))
        elif self.for_people:
            self._console.print(_table(values))
        else:
            for row in zip(*values.values(), strict=True):
                click.echo("\t".join(map(_cell, row)))

    def fields(self, value: Any, fields: Mapping[str, object]) -> None:
        """Prints one item, a field a line."""
        if self.as_json:
            return self.document(value)
        width = max(map(len, fields))
        for name, field in fields.items():
            self._console.print(Text.assemble((f"{name:>{width}} ", "dim"), _cell(field)))
        return None

    def events(self, events: Iterable[dict[str, Any]], *, with_room: bool = False) -> None:
        for event in events:
            for line in render_event(event, with_room=with_room):
                self._console.print(_text(line))

    def event(self, event: dict[str, Any], *, with_room: bool) -> None:
        """Prints one event of a stream."""
        if self.as_json:
            click.echo(safe_json(event))
        else:
            self.events([event], with_room=with_room)


def field(name: str) -> Reader:
    """A field's value: for a user or a room its name, for a list all its items."""
    return lambda item: _display(item.get(name))


def time(name: str) -> Reader:
    return lambda item: format_time(item.get(name))


def size(name: str) -> Reader:
    return lambda item: format_size(item.get(name) or 0)


def _display(value: object) -> object:
    if isinstance(value, dict):
        return value.get("name", value.get("id"))
    return ", ".join(str(_display(one)) for one in value) if isinstance(value, list) else value


def remark(text: str) -> None:
    """Prints a line on stderr."""
    click.echo(f"chat: {safe_line(text)}", err=True)


def hint(text: str) -> None:
    """Prints a line on stderr if a person reads it there."""
    if sys.stderr.isatty():
        remark(text)


def _table(columns: Mapping[str, Sequence[object]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, values in columns.items():
        table.add_column(name, justify="right" if values and all(isinstance(value, int) for value in values) else "left")
    for row in zip(*columns.values(), strict=True):
        table.add_row(*[Text(_cell(value)) for value in row])
    return table


def _cell(value: object) -> str:
    return "" if value is None else safe_line(str(value))


def _text(line: Line) -> Text:
    return Text.assemble(*((part, STYLES.get(style, style.replace("bright", "bright_"))) for style, part in line))
