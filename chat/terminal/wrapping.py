"""Wraps styled lines to a width in terminal columns."""

from collections.abc import Callable
from itertools import groupby
from operator import itemgetter

from chat.terminal.rendering import Line, Piece

INDENT = "  "  # of a continued line
Width = Callable[[str], int]


def wrap(line: Line, width: int, width_of: Width) -> list[Line]:
    """Breaks at a space if there is one, else where the line is full."""
    rest: list[Piece] = [(style, character) for style, text in line for character in text]
    indent: list[Piece] = []
    lines: list[Line] = []
    while rest or not lines:
        columns = width - len(indent)
        count = _fitting([character for _, character in rest], max(2, columns), width_of)
        lines.append(_merge(indent + rest[:count]))
        rest = rest[count:]
        indent = [("", INDENT[0])] * len(INDENT) if width > 4 * len(INDENT) else []
    return lines


def _fitting(characters: list[str], columns: int, width_of: Width) -> int:
    """Returns how many of the characters fit into a line."""
    used = 0
    for count, character in enumerate(characters):
        used += width_of(character)
        if used > columns:
            return _after_last_space(characters[:count]) or max(count, 1)
    return len(characters)


def _after_last_space(characters: list[str]) -> int:
    spaces = [place for place, character in enumerate(characters) if character == " "]
    return spaces[-1] + 1 if spaces and spaces[-1] > len(characters) // 3 else 0


def _merge(pieces: list[Piece]) -> Line:
    """Joins neighbouring pieces of the same style."""
    return [(style, "".join(text for _, text in group)) for style, group in groupby(pieces, key=itemgetter(0))]
