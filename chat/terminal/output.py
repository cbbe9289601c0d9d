"""What is printed. Results on stdout, for people in colour or for programs as JSON or tab-separated; everything else on stderr."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from chat.terminal.cleaning import on_one_line, safe_json
from chat.terminal.telling import DIM, LINK, PLAIN, WARNING, Line, told

STYLES = {DIM: "dim", PLAIN: "", WARNING: "bold yellow", LINK: "underline"}


class Output:
    """as_json: one document a command, or one a line where it goes on."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)

    @property
    def for_people(self) -> bool:
        return self._console.is_terminal

    def document(self, value: Any) -> None:
        click.echo(safe_json(value, indent=2))

    def done(self, value: Any, words: str) -> None:
        """What a command did: the words for people, the value for programs."""
        if self.as_json:
            self.document(value)
        else:
            self.say(words)

    def say(self, words: str) -> None:
        self._console.print(Text(on_one_line(words)))

    def table(self, rows: Sequence[Any], columns: Mapping[str, Sequence[object]]) -> None:
        """A table on a terminal, else lines of values between tabs; `rows` is the same for programs."""
        if self.as_json:
            self.document(list(rows))
        elif self.for_people:
            self._console.print(_table(columns))
        else:
            for values in zip(*columns.values(), strict=True):
                click.echo("\t".join(_cell(value) for value in values))

    def fields(self, value: Any, fields: Mapping[str, object]) -> None:
        """One thing, a field a line."""
        if self.as_json:
            return self.document(value)
        width = max(map(len, fields))
        for name, field in fields.items():
            self._console.print(Text.assemble((f"{name:>{width}} ", "dim"), _cell(field)))
        return None

    def events(self, events: Iterable[dict[str, Any]], *, with_room: bool = False) -> None:
        for event in events:
            for line in told(event, with_room=with_room):
                self._console.print(_text(line))

    def event(self, event: dict[str, Any], *, with_room: bool) -> None:
        """One of those that go on coming."""
        if self.as_json:
            click.echo(safe_json(event))
        else:
            self.events([event], with_room=with_room)


def remark(words: str) -> None:
    """Beside the result: on stderr."""
    click.echo(f"chat: {on_one_line(words)}", err=True)


def hint(words: str) -> None:
    """Worth saying to a person only."""
    if sys.stderr.isatty():
        remark(words)


def _table(columns: Mapping[str, Sequence[object]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, values in columns.items():
        table.add_column(name, justify="right" if values and all(isinstance(value, int) for value in values) else "left")
    for row in zip(*columns.values(), strict=True):
        table.add_row(*[Text(_cell(value)) for value in row])
    return table


def _cell(value: object) -> str:
    return "" if value is None else on_one_line(str(value))


def _text(line: Line) -> Text:
    text = Text()
    for style, words in line:
        text.append(words, STYLES.get(style) if style in STYLES else style.replace("bright", "bright_"))
    return text
