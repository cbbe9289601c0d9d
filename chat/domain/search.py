"""The parts of a query, and the snippet of a message that matches it: pure text, counted in characters (code points)."""

import re
from dataclasses import dataclass

SNIPPET = 200  # characters, about
LEAD = 60  # of them before the first hit
SLACK = 20  # how far a cut moves to fall between two words
ELLIPSIS = "…"
START, STOP = "\ue000", "\ue001"  # stand around hits, in a copy of the text in which REPLACED stands for those it had
REPLACED = "\ufffd"

Mark = tuple[int, int]


@dataclass(frozen=True, slots=True)
class QueryParts:
    """A query in two parts: whole words with their operators, and the word that is being typed, which is a prefix.

    operator: PostgreSQL's, between the two."""

    whole: str
    prefix: str | None
    operator: str = " & "


def query_parts(query: str) -> QueryParts:
    """The last word is a prefix unless it is an operator, excluded, or part of a phrase in quotes."""
    *before, last = query.split()
    if '"' in last or query.count('"') % 2 or last.startswith("-") or last.casefold() == "or":
        return QueryParts(query, None)
    if len(before) > 1 and before[-1].casefold() == "or":
        return QueryParts(" ".join(before[:-1]), last, " | ")
    return QueryParts(" ".join(before), last)


def snippet(text: str, marked: str) -> tuple[str, list[Mark]]:
    """The part of a text around its first hit, and where in it the hits are. marked: the text with START and STOP around each hit."""
    marks = _marks(marked) if _is_of(text, marked) else []
    start, stop = _window(text, marks[0][0] if marks else 0)
    before, after = ELLIPSIS if start else "", ELLIPSIS if stop < len(text) else ""
    shift = len(before) - start
    shown = [(first + shift, min(last, stop) + shift) for first, last in marks if start <= first < stop]
    return before + text[start:stop] + after, shown


def _is_of(text: str, marked: str) -> bool:
    """Offsets count only in the very text; the database's headline is not asked to keep it, though it does."""
    return re.sub(f"[{START}{STOP}]", "", marked) == re.sub(f"[{START}{STOP}]", REPLACED, text)


def _marks(marked: str) -> list[Mark]:
    """Each pair of marks before a hit moves it by two."""
    found = re.finditer(f"{START}([^{STOP}]*){STOP}", marked)
    return [(hit.start() - 2 * nth, hit.start() - 2 * nth + len(hit[1])) for nth, hit in enumerate(found)]


def _window(text: str, hit: int) -> Mark:
    start = max(0, min(hit - LEAD, len(text) - SNIPPET))
    stop = min(len(text), start + SNIPPET)
    if start and (space := re.search(r"\s", text[start : min(start + SLACK, hit)])):
        start += space.end()
    if stop < len(text) and (space := re.search(r"\s\S*$", text[max(stop - SLACK, hit + 1) : stop])):
        stop = max(stop - SLACK, hit + 1) + space.start()
    return start, stop
