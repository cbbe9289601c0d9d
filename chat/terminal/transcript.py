"""What `open` shows of a room: events as lines wrapped for a width, and how far up one has scrolled. Draws nothing itself."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from chat.terminal.following import Event
from chat.terminal.telling import DIM, REACTED, Line, Piece, about, corrected, told

MOST_ENTRIES = 5000  # some 5 MB; what is older is a PageUp away
TRIMMED_AT_ONCE = 500
CORRECTIONS = frozenset({"edited", "deleted"})
INDENT = "  "  # of what is carried over to a next line
Width = Callable[[str], int]


class Entry(NamedTuple):
    """What is shown of an event, or of a note, which is none."""

    event: Event
    lines: list[Line]


class Transcript:
    """offset: lines between the newest one and the last that is shown; 0 follows what comes."""

    def __init__(self, width_of: Width) -> None:
        self.offset = 0
        self.oldest: int | None = None
        self._width_of = width_of
        self._entries: list[Entry] = []
        self._lines: list[Line] = []
        self._width = 0

    def add(self, event: Event) -> None:
        """What corrects a message that is shown changes it there. Reactions are not shown."""
        if event.get("kind") in REACTED:
            return
        if event.get("kind") in CORRECTIONS and self._correct(event):
            return
        if self.oldest is None:
            self.oldest = event.get("id")
        self._append(event, told(event))

    def note(self, text: str) -> None:
        """Said by the program, to this person only."""
        self._append({}, [[(DIM, f"  {text}")]])

    def _correct(self, event: Event) -> bool:
        """Whether the message is there."""
        for place in range(len(self._entries) - 1, -1, -1):
            shown = self._entries[place].event
            if shown.get("id") == about(event) is not None:
                message = corrected(shown, event)
                self._entries[place] = Entry(message, told(message))
                self._lines = self._wrapped(self._entries)
                return True
        return False

    def put_before(self, events: Iterable[Event]) -> None:
        """Older ones; what is shown stays where it is."""
        older = list(events)
        if older:
            self.oldest = older[0]["id"]
            self._entries[:0] = [Entry(event, told(event)) for event in older]
            self._lines = self._wrapped(self._entries)

    def visible(self, width: int, height: int) -> list[Line]:
        """The lines that a window of this size shows."""
        if width != self._width:
            self._width = width
            self._lines = self._wrapped(self._entries)
        self.offset = max(0, min(self.offset, len(self._lines) - height))
        end = len(self._lines) - self.offset
        return self._lines[max(0, end - height) : end]

    def scroll(self, lines: int) -> None:
        """Up, or down where it is negative; how far there is to go is known when it is drawn."""
        self.offset = max(0, self.offset + lines)

    def is_at_top(self, height: int) -> bool:
        return self.offset + height >= len(self._lines)

    def _append(self, event: Event, lines: list[Line]) -> None:
        entry = Entry(event, lines)
        self._entries.append(entry)
        added = self._wrapped([entry])
        self._lines += added
        if self.offset:  # somebody is reading further up
            self.offset += len(added)
        if len(self._entries) > MOST_ENTRIES:
            self._entries = self._entries[TRIMMED_AT_ONCE:]
            self._lines = self._wrapped(self._entries)
            self.oldest = None

    def _wrapped(self, entries: Sequence[Entry]) -> list[Line]:
        if not self._width:
            return []
        return [part for entry in entries for line in entry.lines for part in wrap(line, self._width, self._width_of)]


def wrap(line: Line, width: int, width_of: Width) -> list[Line]:
    """At spaces where there are some, else where it is full."""
    rest: list[Piece] = [(style, character) for style, text in line for character in text]
    indent: list[Piece] = []
    lines: list[Line] = []
    while rest or not lines:
        room = width - len(indent)
        count = _fitting([character for _, character in rest], max(2, room), width_of)
        lines.append(_joined(indent + rest[:count]))
        rest = rest[count:]
        indent = [("", INDENT[0])] * len(INDENT) if width > 4 * len(INDENT) else []
    return lines


def _fitting(characters: list[str], room: int, width_of: Width) -> int:
    """How many of the characters a line takes."""
    used = 0
    for count, character in enumerate(characters):
        used += width_of(character)
        if used > room:
            return _after_last_space(characters[:count]) or max(count, 1)
    return len(characters)


def _after_last_space(characters: list[str]) -> int:
    spaces = [place for place, character in enumerate(characters) if character == " "]
    return spaces[-1] + 1 if spaces and spaces[-1] > len(characters) // 3 else 0


def _joined(pieces: list[Piece]) -> Line:
    """Neighbours of one style as one piece."""
    line: Line = []
    for style, text in pieces:
        if line and line[-1][0] == style:
            line[-1] = (style, line[-1][1] + text)
        else:
            line.append((style, text))
    return line
