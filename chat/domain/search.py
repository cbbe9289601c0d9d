"""The parts of a search query, and the snippet that a result shows. Lengths are in characters (code points)."""

import re
from dataclasses import dataclass

SNIPPET = 200  # characters, about
LEAD = 60  # of them before the first match
SLACK = 20  # how far a cut moves so that it falls between two words
ELLIPSIS = "…"
START, STOP = "\ue000", "\ue001"  # around matches, in a copy of the text in which REPLACED takes the place of those two characters
REPLACED = "\ufffd"

Mark = tuple[int, int]


@dataclass(frozen=True, slots=True)
class QueryParts:
    """words: whole words with their operators. prefix: the word that is being typed. operator: PostgreSQL's, between the two."""

    words: str
    prefix: str | None
    operator: str = " & "


def split_query(query: str) -> QueryParts:
    """The last word is a prefix unless it is an operator, is excluded, or belongs to a phrase in quotes."""
    *before, last = query.split()
    if '"' in last or query.count('"') % 2 or last.startswith("-") or last.casefold() == "or":
        return QueryParts(query, None)
    if len(before) > 1 and before[-1].casefold() == "or":
        return QueryParts(" ".join(before[:-1]), last, " | ")
    return QueryParts(" ".join(before), last)


def snippet(text: str, marked: str) -> tuple[str, list[Mark]]:
    """The part of a text around its first match, with the places of its matches. marked: the text with START and STOP around each."""
    marks = _marks(marked) if _is_copy(text, marked) else []
    start, stop = _window(text, marks[0][0] if marks else 0)
    before, after = ELLIPSIS if start else "", ELLIPSIS if stop < len(text) else ""
    shift = len(before) - start
    shown = [(first + shift, min(last, stop) + shift) for first, last in marks if start <= first < stop]
    return before + text[start:stop] + after, shown


def _is_copy(text: str, marked: str) -> bool:
    """Offsets are valid only in the same text. PostgreSQL does not promise that a headline keeps it, although it does."""
    return re.sub(f"[{START}{STOP}]", "", marked) == re.sub(f"[{START}{STOP}]", REPLACED, text)


def _marks(marked: str) -> list[Mark]:
    """Each pair of START and STOP before a match moves it by two."""
    matches = re.finditer(f"{START}([^{STOP}]*){STOP}", marked)
    return [(match.start() - 2 * nth, match.start() - 2 * nth + len(match[1])) for nth, match in enumerate(matches)]


def _window(text: str, match: int) -> Mark:
    start = max(0, min(match - LEAD, len(text) - SNIPPET))
    stop = min(len(text), start + SNIPPET)
    if start and (space := re.search(r"\s", text[start : min(start + SLACK, match)])):
        start += space.end()
    if stop < len(text) and (space := re.search(r"\s\S*$", text[max(stop - SLACK, match + 1) : stop])):
        stop = max(stop - SLACK, match + 1) + space.start()
    return start, stop
