"""Rules for names, passwords, texts, keys and cursors. Each rule returns the checked value or raises Invalid, which says what is wrong."""

import re
import unicodedata

USER_NAME_LENGTH = 40
ROOM_NAME_LENGTH = 80
PASSWORD_LENGTH = (8, 200)  # NIST SP 800-63B: at least 8; the upper bound keeps hashing bounded
TOPIC_LENGTH = 250
ABOUT_LENGTH = 500
SEARCH_LENGTH = 200
MOST_MEMBERS = 100_000
MOST_HOURS = 24.0  # that a room which ends by the clock lives
SECRET_LENGTH = 200
TEXT_BYTES = 16 * 1024
KEY = re.compile(r"[\x21-\x7e]{1,255}")
EMOJI_BYTES = 32
# After Unicode Technical Standard 51, section 1.4.9; the ranges are the blocks of symbols that have emoji.
SYMBOL = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2934\u2935\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001faff]"
)
FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
PART = f"(?:{FLAG}|{SYMBOL}(?:[\U0001f3fb-\U0001f3ff]|\ufe0f)?(?:[\U000e0020-\U000e007e]+\U000e007f)?)"
EMOJI = re.compile(f"[0-9#*]\ufe0f?\u20e3|{PART}(?:\u200d{PART})*")
RESERVED = frozenset({"me"})
LARGEST_ID = 2**63 - 1


class Invalid(ValueError):
    """A value that breaks a rule; the message is for the client."""


def user_name(name: str) -> str:
    """Letters, digits and ._- only, so that a name can be mentioned and be part of a path."""
    name = _name(name, USER_NAME_LENGTH)
    if not re.fullmatch(r"[\w.\-]+", name):
        raise Invalid("takes letters, digits, and . _ - only")
    return name


def room_name(name: str) -> str:
    """Any printable characters except a slash, which would split the path."""
    name = _name(name, ROOM_NAME_LENGTH)
    if "/" in name or not name.isprintable():
        raise Invalid("takes printable characters only, and no slash")
    return name


def topic(value: str) -> str:
    """One line; empty for none."""
    value = _bounded(unicodedata.normalize("NFC", value).strip(), TOPIC_LENGTH)
    if not value.isprintable():
        raise Invalid("takes printable characters only")
    return value


def about(value: str) -> str:
    """A user's description of themselves: some lines, empty for none."""
    value = _bounded(unicodedata.normalize("NFC", value).strip(), ABOUT_LENGTH)
    if "\0" in value:
        raise Invalid("holds a NUL character")
    return value


def search_text(value: str) -> str:
    """The words of a search."""
    if not value.strip():
        raise Invalid("is empty")
    if "\0" in _bounded(value, SEARCH_LENGTH):
        raise Invalid("holds a NUL character")
    return value


def max_members(value: int) -> int:
    if not 1 <= value <= MOST_MEMBERS:
        raise Invalid(f"is a whole number from 1 to {MOST_MEMBERS}")
    return value


def hours(value: float) -> float:
    """How long a room lives."""
    if not 0 < value <= MOST_HOURS:  # NaN is outside too
        raise Invalid(f"is a number of hours, more than 0 and at most {MOST_HOURS:g}")
    return value


def secret(value: str) -> str:
    """A secret to compare. Its length is bounded because it is hashed."""
    return _bounded(value, SECRET_LENGTH)


def _bounded(value: str, longest: int) -> str:
    if len(value) > longest:
        raise Invalid(f"is longer than {longest} characters")
    return value


def _name(name: str, longest: int) -> str:
    name = unicodedata.normalize("NFC", name).strip()
    if not name:
        raise Invalid("is empty")
    if _bounded(name, longest).isdecimal():
        raise Invalid("is all digits, which would read as an id")
    if name.casefold() in RESERVED or not name.strip("."):
        raise Invalid("is a reserved word")
    return name


def search_name(name: str) -> str:
    """A part of a name to search for."""
    return _bounded(name, ROOM_NAME_LENGTH)


def name_key(name: str) -> str:
    """Equal for names that people would take for the same. NUL, which PostgreSQL refuses, is in no name."""
    return unicodedata.normalize("NFC", name.strip()).casefold().replace("\0", "\ufffd")


def password(value: str) -> str:
    shortest, longest = PASSWORD_LENGTH
    if not shortest <= len(value) <= longest:
        raise Invalid(f"has {shortest} to {longest} characters")
    return value


def text(value: str) -> str:
    """A message: at most 16 KB of UTF-8, not blank, without NUL, which PostgreSQL cannot store."""
    if not value.strip():
        raise Invalid("is empty")
    if "\0" in value:
        raise Invalid("holds a NUL character")
    if (size := len(value.encode())) > TEXT_BYTES:
        raise Invalid(f"is {size} bytes of UTF-8; the most is {TEXT_BYTES} (16 KB)")
    return value


def caption(value: str) -> str:
    """As a message, but it may be empty: the caption of a file."""
    return text(value) if value.strip() else ""


def emoji(value: str) -> str:
    """One emoji as a reader sees it: also with a skin tone or variation, a joined sequence, a flag, or a keycap."""
    if len(value.encode("utf-8", "replace")) > EMOJI_BYTES or not EMOJI.fullmatch(value):
        raise Invalid(f"is one emoji, of at most {EMOJI_BYTES} bytes of UTF-8")
    return value


def idempotency_key(value: str) -> str:
    if not KEY.fullmatch(value):
        raise Invalid("has 1 to 255 printable ASCII characters without spaces")
    return value


def whole_number(value: str, low: int, high: int) -> int:
    """A number in plain ASCII digits. A number too large for an id is refused before it reaches the database."""
    if not re.fullmatch(r"[0-9]{1,19}", value) or not low <= int(value) <= high:
        raise Invalid(f"is a whole number from {low} to {high}")
    return int(value)


def cursor(value: str) -> int:
    return whole_number(value, 0, LARGEST_ID)


def is_id(reference: str) -> bool:
    """Whether a path's {room} or {user} is an id rather than a name."""
    return reference.isascii() and reference.isdigit()


def id_of(reference: str) -> int:
    """The id in a path. A number too large for an id becomes the largest one, which nothing has."""
    return min(int(reference), LARGEST_ID) if len(reference) <= 19 else LARGEST_ID
