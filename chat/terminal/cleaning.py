"""What others wrote, made safe to show: nobody's text moves a cursor, changes a colour or a title, or turns the order of what is read."""

import json
import re
from typing import Any

# C0 and C1 controls and DEL; what turns the direction of text (bidi); separators that some take for new lines; halves of surrogate
# pairs; the invisible tags and annotations. The joiners U+200C and U+200D stay: emoji and some scripts need them.
UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
TAB = "    "


def lines_of(text: str) -> list[str]:
    """The text's lines, each safe to show."""
    return [_safe(line.replace("\t", TAB)) for line in re.split("\r\n|\n|\r", text)]


def on_one_line(text: str) -> str:
    """For names, topics and errors: a line break in them is as foreign as any other control."""
    return _safe(text)


def safe_json(value: Any, indent: int | None = None) -> str:
    """JSON for a program that may also be read in a terminal: the same value, what is unsafe written as \\u…."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return UNSAFE.sub(lambda found: found[0] if found[0] == "\n" else json.dumps(found[0])[1:-1], text)


def _safe(text: str) -> str:
    return UNSAFE.sub(_picture, text)


def _picture(found: re.Match[str]) -> str:
    """What a reader sees instead: the control picture (U+2400 and on) or the code point by its number."""
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"<U+{code:04X}>"
