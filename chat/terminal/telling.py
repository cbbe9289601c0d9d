"""An event in words, as pieces of (style, text) that both `tail` and `open` draw. Everything of others is made safe here."""

import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chat.terminal.cleaning import lines_of, on_one_line

Piece = tuple[str, str]
Line = list[Piece]
# The terminal's own colours, so that they suit its background; black and white would not.
HUES = ("red", "green", "yellow", "blue", "magenta", "cyan")
COLOURS = (*HUES, *(f"bright{hue}" for hue in HUES))
DIM, PLAIN, WARNING, LINK = "dim", "", "warning", "link"
POSTED = frozenset({"message", "file", "announcement"})
HAPPENED = {"join": "joined", "leave": "left", "removed": "was removed", "banned": "was banned"}
CLOSED = {
    "expired": "its time was over",
    "empty": "everybody had left",
    "owner": "its owner closed it",
    "operator": "the operator closed it",
}
UNITS = ("bytes", "KB", "MB", "GB", "TB")


def colour_of(name: str) -> str:
    """The same for a name everywhere and always."""
    return COLOURS[zlib.crc32(name.casefold().encode(errors="replace")) % len(COLOURS)]


def told(event: dict[str, Any], *, with_room: bool = False) -> list[Line]:
    """The event's lines, the first with the time and who; the others belong below what was said."""
    head: Line = [(DIM, f"{clock(event.get('created_at'))} ")]
    if with_room:
        head.append((DIM, f"{room_in_words(event.get('room'))} "))
    first, *rest = _body(event)
    return [head + first, *rest]


def clock(time: object) -> str:
    """Of an RFC 3339 time, hours, minutes and seconds here."""
    try:
        return f"{datetime.fromisoformat(str(time)).astimezone():%H:%M:%S}"
    except ValueError:
        return "--:--:--"


def day_and_clock(time: object) -> str:
    try:
        return f"{datetime.fromisoformat(str(time)).astimezone():%Y-%m-%d %H:%M}"
    except ValueError:
        return ""


def room_in_words(room: object) -> str:
    if not isinstance(room, dict):
        return ""
    return on_one_line(str(room.get("name") or ("direct" if room.get("kind") == "direct" else room.get("id", ""))))


def size_in_words(size: float) -> str:
    for unit in UNITS[:-1]:
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == UNITS[0] else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} {UNITS[-1]}"


def _body(event: dict[str, Any]) -> list[Line]:
    kind = str(event.get("kind"))
    if kind in POSTED:
        return _posted(event)
    if kind in HAPPENED:
        return [[(DIM, f"· {_name(event.get('user'))} {HAPPENED[kind]}")]]
    if kind == "room_closed":
        return [[(WARNING, f"· the room is closed: {CLOSED.get(str(event.get('reason')), 'it has ended')}")]]
    if kind == "room_changed":
        return [[(DIM, f"· the room was changed{_topic(event)}")]]
    return [[(DIM, f"· {on_one_line(kind)}")]]


def _posted(event: dict[str, Any]) -> list[Line]:
    text: Sequence[str] = lines_of(str(event["text"])) if event.get("text") else []
    said: list[Line] = [[(PLAIN, line)] for line in text]
    if isinstance(event.get("file"), dict):
        said.append(_file(event["file"]))
    first, *rest = said or [[]]
    return [[*_sender(event), (PLAIN, " "), *first], *[[(PLAIN, "    "), *line] for line in rest]]


def _sender(event: dict[str, Any]) -> Line:
    if event.get("kind") == "announcement":
        return [(WARNING, "announcement:")]
    name = _name(event.get("sender"))
    return [(colour_of(name), f"{name}:")]


def _file(file: dict[str, Any]) -> Line:
    described = f"[{on_one_line(str(file.get('name')))}, {size_in_words(float(file.get('size') or 0))}]"
    return [(LINK, described), (DIM, f" chat download {on_one_line(str(file.get('id')))}")]


def _topic(event: dict[str, Any]) -> str:
    topic = on_one_line(str(event.get("topic") or ""))
    return f": {room_in_words(event.get('room'))}, {topic}" if topic else ""


def _name(user: object) -> str:
    return on_one_line(str(user.get("name"))) if isinstance(user, dict) else "somebody"
