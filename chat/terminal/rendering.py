"""Renders an event as lines of (style, text), which both `tail` and `open` print. Other people's text is sanitized here."""

import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chat.terminal.sanitize import safe_line, safe_lines

Event = dict[str, Any]
Piece = tuple[str, str]
Line = list[Piece]
# The terminal's own colours, because they suit its background. Black and white would not.
HUES = ("red", "green", "yellow", "blue", "magenta", "cyan")
COLOURS = (*HUES, *(f"bright{hue}" for hue in HUES))
DIM, PLAIN, WARNING, LINK = "dim", "", "warning", "link"
POSTED = frozenset({"message", "file", "announcement"})
MEMBERSHIP = {"join": "joined", "leave": "left", "removed": "was removed", "banned": "was banned"}
CLOSED = {
    "expired": "its time was over",
    "empty": "everybody had left",
    "owner": "its owner closed it",
    "operator": "the operator closed it",
}
REACTIONS = {"reacted": "reacted with", "unreacted": "took back"}
QUOTE_LENGTH = 60  # characters of a message that is replied to
UNITS = ("bytes", "KB", "MB", "GB", "TB")
INDENT: Piece = (PLAIN, "    ")


def colour_of(name: str) -> str:
    """A name always has the same colour."""
    return COLOURS[zlib.crc32(name.casefold().encode(errors="replace")) % len(COLOURS)]


def render_event(event: Event, *, with_room: bool = False) -> list[Line]:
    """The first line begins with the time; the other lines are indented."""
    head: Line = [(DIM, f"{format_time(event.get('created_at'), '%H:%M:%S', '--:--:--')} ")]
    if with_room:
        head.append((DIM, f"{room_label(event.get('room'))} "))
    first, *rest = _body(event)
    return [head + first, *rest]


def format_time(time: object, form: str = "%Y-%m-%d %H:%M", unknown: str = "") -> str:
    """An RFC 3339 time as local date and time."""
    try:
        return datetime.fromisoformat(str(time)).astimezone().strftime(form)
    except ValueError:
        return unknown


def format_size(size: float) -> str:
    for unit in UNITS[:-1]:
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == UNITS[0] else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} {UNITS[-1]}"


def room_label(room: object) -> str:
    if not isinstance(room, dict):
        return ""
    return safe_line(str(room.get("name") or ("direct" if room.get("kind") == "direct" else room.get("id", ""))))


def room_title(room: dict[str, Any]) -> str:
    topic = safe_line(str(room.get("topic") or ""))
    return f"{room_label(room)} · {topic}" if topic else room_label(room)


def corrected_id(event: Event) -> object:
    """The id of the message that was edited, deleted or reacted to."""
    message = event.get("message")
    return message.get("id") if isinstance(message, dict) else None


def apply_correction(message: Event, event: Event) -> Event:
    """Returns the message as it is after an edit or a deletion."""
    if event.get("kind") == "deleted":
        return message | {"text": "", "file": None, "deleted_at": event.get("created_at")}
    change = event.get("message")
    return message | change if event.get("kind") == "edited" and isinstance(change, dict) else message


def _body(event: Event) -> list[Line]:
    kind = str(event.get("kind"))
    if kind in POSTED:
        return _post(event)
    if kind == "edited":
        return _edit(event)
    if kind == "room_closed":
        return [[(WARNING, f"· the room is closed: {CLOSED.get(str(event.get('reason')), 'it has ended')}")]]
    return [[(DIM, f"· {_notice(kind, event)}")]]


def _notice(kind: str, event: Event) -> str:
    if kind == "room_changed":
        topic = safe_line(str(event.get("topic") or ""))
        return f"the room was changed: {room_label(event.get('room'))}, {topic}" if topic else "the room was changed"
    if kind in MEMBERSHIP:
        return f"{_name(event.get('user'))} {MEMBERSHIP[kind]}"
    if kind == "deleted":
        return f"{_name(event.get('user'))} deleted message {safe_line(str(corrected_id(event)))}"
    if kind in REACTIONS:
        return f"{_name(event.get('user'))} {REACTIONS[kind]} {safe_line(str(event.get('emoji')))}"
    return safe_line(kind)


def _edit(event: Event) -> list[Line]:
    message = event.get("message")
    text = safe_lines(str(message.get("text") or "")) if isinstance(message, dict) else [""]
    head = (DIM, f"· {_name(event.get('user'))} edited message {safe_line(str(corrected_id(event)))}: ")
    return _indented([head], [[(PLAIN, line)] for line in text])


def _post(event: Event) -> list[Line]:
    text: Sequence[str] = safe_lines(str(event["text"])) if event.get("text") else []
    lines: list[Line] = [[(PLAIN, line)] for line in text]
    if event.get("deleted_at"):
        lines = [[(DIM, "(deleted)")]]
    elif event.get("edited_at"):
        lines = [*lines[:-1], [*(lines[-1] if lines else []), (DIM, " (edited)")]]
    if isinstance(event.get("reply_to"), dict):
        lines = [_quote(event["reply_to"]), *lines]
    if isinstance(event.get("file"), dict):
        lines.append(_file(event["file"]))
    return _indented([*_sender(event), (PLAIN, " ")], lines)


def _indented(head: Line, lines: list[Line]) -> list[Line]:
    """The first line follows the head. The others are indented, so that none looks like another person's message."""
    first, *rest = lines or [[]]
    return [[*head, *first], *[[INDENT, *line] for line in rest]]


def _sender(event: Event) -> Line:
    if event.get("kind") == "announcement":
        return [(WARNING, "announcement:")]
    name = _name(event.get("sender"))
    return [(colour_of(name), f"{name}:")]


def _quote(reply: dict[str, Any]) -> Line:
    """The beginning of the message that is replied to."""
    text = safe_line(str(reply.get("text") or "(deleted)"))
    return [(DIM, f"> {_name(reply.get('sender'))}: {text if len(text) <= QUOTE_LENGTH else f'{text[:QUOTE_LENGTH]}...'}")]


def _file(file: dict[str, Any]) -> Line:
    label = f"[{safe_line(str(file.get('name')))}, {format_size(float(file.get('size') or 0))}]"
    return [(LINK, label), (DIM, f" chat download {safe_line(str(file.get('id')))}")]


def _name(user: object) -> str:
    return safe_line(str(user.get("name"))) if isinstance(user, dict) else "somebody"
