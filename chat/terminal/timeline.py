"""The timeline of an open room: its events as lines wrapped to a width, and the scroll offset. It draws nothing itself."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from chat.terminal.rendering import DIM, REACTIONS, Event, Line, apply_correction, corrected_id, render_event
from chat.terminal.wrapping import Width, wrap

MOST_ENTRIES = 5000  # about 5 MB; older ones are fetched again by PageUp
TRIMMED_AT_ONCE = 500
CORRECTIONS = frozenset({"edited", "deleted"})


class Entry(NamedTuple):
    """An event and its lines. A note has an empty event."""

    event: Event
    lines: list[Line]


class Timeline:
    """offset: lines below the visible ones; at 0 new lines are shown as they come."""

    def __init__(self, width_of: Width) -> None:
        self.offset = 0
        self.oldest: int | None = None
        self._width_of = width_of
        self._entries: list[Entry] = []
        self._lines: list[Line] = []
        self._width = 0

    def add(self, event: Event) -> None:
        """A correction changes the message if it is shown. Reactions are not shown."""
        if event.get("kind") in REACTIONS:
            return
        if event.get("kind") in CORRECTIONS and self._correct(event):
            return
        if self.oldest is None:
            self.oldest = event.get("id")
        self._append(event, render_event(event))

    def note(self, text: str) -> None:
        """Adds a line from the program itself, for this person only."""
        self._append({}, [[(DIM, f"  {text}")]])

    def _correct(self, event: Event) -> bool:
        """Returns whether the corrected message is shown."""
        for place in range(len(self._entries) - 1, -1, -1):
            shown = self._entries[place].event
            if shown.get("id") == corrected_id(event) is not None:
                message = apply_correction(shown, event)
                self._entries[place] = Entry(message, render_event(message))
                self._lines = self._wrap(self._entries)
                return True
        return False

    def prepend(self, events: Iterable[Event]) -> None:
        """Adds older events. The visible lines stay where they are."""
        older = list(events)
        if older:
            self.oldest = older[0]["id"]
            self._entries[:0] = [Entry(event, render_event(event)) for event in older]
            self._lines = self._wrap(self._entries)

    def visible(self, width: int, height: int) -> list[Line]:
        """Returns the lines that a window of this size shows."""
        if width != self._width:
            self._width = width
            self._lines = self._wrap(self._entries)
        self.offset = max(0, min(self.offset, len(self._lines) - height))
        end = len(self._lines) - self.offset
        return self._lines[max(0, end - height) : end]

    def scroll(self, lines: int) -> None:
        """Scrolls up, or down if negative. `visible` bounds the offset, because it knows the height."""
        self.offset = max(0, self.offset + lines)

    def is_at_top(self, height: int) -> bool:
        return self.offset + height >= len(self._lines)

    def _append(self, event: Event, lines: list[Line]) -> None:
        entry = Entry(event, lines)
        self._entries.append(entry)
        added = self._wrap([entry])
        self._lines += added
        if self.offset:  # the person is reading further up
            self.offset += len(added)
        if len(self._entries) > MOST_ENTRIES:
            self._entries = self._entries[TRIMMED_AT_ONCE:]
            self._lines = self._wrap(self._entries)
            self.oldest = next((entry.event["id"] for entry in self._entries if "id" in entry.event), None)

    def _wrap(self, entries: Sequence[Entry]) -> list[Line]:
        if not self._width:
            return []
        return [part for entry in entries for line in entry.lines for part in wrap(line, self._width, self._width_of)]
