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
REACTED = {"reacted": "reacted with", "unreacted": "took back"}
QUOTED = 60  # characters of what a message answers
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
    if kind == "edited":
        return _edited(event)
    if kind == "room_closed":
        return [[(WARNING, f"· the room is closed: {CLOSED.get(str(event.get('reason')), 'it has ended')}")]]
    return [[(DIM, f"· {_happening(kind, event)}")]]


def _happening(kind: str, event: dict[str, Any]) -> str:
    if kind == "room_changed":
        return f"the room was changed{_topic(event)}"
    if kind in HAPPENED:
        return f"{_name(event.get('user'))} {HAPPENED[kind]}"
    if kind == "deleted":
        return f"{_name(event.get('user'))} deleted message {on_one_line(str(about(event)))}"
    if kind in REACTED:
        return f"{_name(event.get('user'))} {REACTED[kind]} {on_one_line(str(event.get('emoji')))}"
    return on_one_line(kind)


def about(event: dict[str, Any]) -> object:
    """The id of the message that was edited, deleted or reacted to."""
    message = event.get("message")
    return message.get("id") if isinstance(message, dict) else None


def corrected(message: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    """The message after what an event tells of it."""
    if event.get("kind") == "deleted":
        return message | {"text": "", "file": None, "deleted_at": event.get("created_at")}
    change = event.get("message")
    return message | change if event.get("kind") == "edited" and isinstance(change, dict) else message


def _edited(event: dict[str, Any]) -> list[Line]:
    message = event.get("message")
    text = lines_of(str(message.get("text") or "")) if isinstance(message, dict) else [""]
    said: list[Line] = [[(PLAIN, line)] for line in text] or [[]]
    head = (DIM, f"· {_name(event.get('user'))} edited message {on_one_line(str(about(event)))}: ")
    return [[head, *said[0]], *[[(PLAIN, "    "), *line] for line in said[1:]]]


def _posted(event: dict[str, Any]) -> list[Line]:
    text: Sequence[str] = lines_of(str(event["text"])) if event.get("text") else []
    said: list[Line] = [[(PLAIN, line)] for line in text]
    if event.get("deleted_at"):
        said = [[(DIM, "(deleted)")]]
    elif event.get("edited_at"):
        said = [*said[:-1], [*(said[-1] if said else []), (DIM, " (edited)")]]
    if isinstance(event.get("reply_to"), dict):
        said = [_quote(event["reply_to"]), *said]
    if isinstance(event.get("file"), dict):
        said.append(_file(event["file"]))
    first, *rest = said or [[]]
    return [[*_sender(event), (PLAIN, " "), *first], *[[(PLAIN, "    "), *line] for line in rest]]


def _sender(event: dict[str, Any]) -> Line:
    if event.get("kind") == "announcement":
        return [(WARNING, "announcement:")]
    name = _name(event.get("sender"))
    return [(colour_of(name), f"{name}:")]


def _quote(reply: dict[str, Any]) -> Line:
    """The first line of what it answers."""
    text = on_one_line(str(reply.get("text") or "(deleted)"))
    return [(DIM, f"> {_name(reply.get('sender'))}: {text if len(text) <= QUOTED else f'{text[:QUOTED]}...'}")]


def _file(file: dict[str, Any]) -> Line:
    described = f"[{on_one_line(str(file.get('name')))}, {size_in_words(float(file.get('size') or 0))}]"
    return [(LINK, described), (DIM, f" chat download {on_one_line(str(file.get('id')))}")]


def _topic(event: dict[str, Any]) -> str:
    topic = on_one_line(str(event.get("topic") or ""))
    return f": {room_in_words(event.get('room'))}, {topic}" if topic else ""


def _name(user: object) -> str:
    return on_one_line(str(user.get("name"))) if isinstance(user, dict) else "somebody"
