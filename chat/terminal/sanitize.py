"""Makes other people's text safe to show: it cannot move a cursor, change colours or the title, or reorder what is read."""

import json
import re
from typing import Any

# C0 and C1 controls and DEL; bidirectional controls; separators that some programs take for line breaks; lone surrogates;
# invisible tags and annotations. The joiners U+200C and U+200D stay: emoji and some scripts need them.
UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
TAB = "    "


def safe_lines(text: str) -> list[str]:
    """Splits a text into lines that are each safe to show."""
    return [safe_line(line.replace("\t", TAB)) for line in re.split("\r\n|\n|\r", text)]


def safe_line(text: str) -> str:
    """For names, topics and errors: a line break is replaced like any other control character."""
    return UNSAFE.sub(_replacement, text)


def safe_json(value: Any, indent: int | None = None) -> str:
    """JSON for a program, which may also be read in a terminal: the same value, with unsafe characters as \\u…."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return UNSAFE.sub(lambda match: match[0] if match[0] == "\n" else json.dumps(match[0])[1:-1], text)


def _replacement(match: re.Match[str]) -> str:
    """The control picture (U+2400 and on), or the number of the code point."""
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"<U+{code:04X}>"
