"""Full-text search in the messages that a reader may read, over the index events_by_words, in PostgreSQL's 'simple' configuration."""

from dataclasses import dataclass

from sqlalchemy import Engine, text

from chat.domain.search import REPLACED, START, STOP, QueryParts
from chat.services import database
from chat.services.permissions import POSTED, READABLE

RANKED = 1000  # the newest so many matches are ranked: each has to be read for it


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """query: a tsquery. room_id: None searches all rooms."""

    query: str
    reader_id: int
    room_id: int | None

    @property
    def values(self) -> dict[str, object]:
        return {"query": self.query, "reader": self.reader_id, "room": self.room_id}


@dataclass(frozen=True, slots=True)
class ResultCursor:
    """A result's place in the order of results: by rank, which depends on its own text alone, then by id, both descending."""

    rank: float
    id: int


FIRST = ResultCursor(float("inf"), 0)  # before all results


@dataclass(frozen=True, slots=True)
class Hit:
    """A matching message. marked: its text with START and STOP around each match."""

    id: int
    text: str
    marked: str


def parse(engine: Engine, parts: QueryParts) -> str | None:
    """The tsquery; None if it requires no word, such as `-this` or `???`."""
    values = {"words": parts.words, "prefix": _quoted_prefix(parts.prefix), "operator": parts.operator}
    [(query, required)] = database.rows(engine, _PARSE, values)
    return None if required in ("", "T") else str(query)


def _quoted_prefix(word: str | None) -> str | None:
    """In quotes to_tsquery takes any characters as text, and each word of it as a prefix."""
    if word is None:
        return None
    quoted = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{quoted}':*"


_PARSE = text("""
    SELECT q.query, querytree(CAST(q.query AS tsquery)) FROM (
        SELECT concat_ws(:operator,
            nullif(CAST(websearch_to_tsquery('simple', :words) AS text), ''), nullif(CAST(to_tsquery('simple', :prefix) AS text), '')
        ) AS query
    ) q
""")
_RANK = "ts_rank(to_tsvector('simple', e.text), CAST(:query AS tsquery))"
_MATCHES = f"""
    FROM events e JOIN rooms r ON r.id = e.room_id
    WHERE to_tsvector('simple', e.text) @@ CAST(:query AS tsquery)
        AND e.kind {POSTED} AND e.deleted_at IS NULL AND {READABLE}
        AND (CAST(:room AS bigint) IS NULL OR e.room_id = :room)
"""
_CURSOR = text(f"SELECT {_RANK} AS rank, e.id {_MATCHES} AND e.id = :id")
# Sorted by `id + 0`: sorted by `id`, the planner may read all messages, newest first, instead of the index of words.
_PAGE = text(f"""
    SELECT page.id, page.text, ts_headline('simple', translate(page.text, :marks, :replaced), CAST(:query AS tsquery), :how) AS marked
    FROM (
        SELECT * FROM (
            SELECT e.id, e.text, {_RANK} AS rank FROM (SELECT e.id, e.text {_MATCHES} ORDER BY e.id + 0 DESC LIMIT {RANKED}) e
        ) ranked
        WHERE (rank, id) < (CAST(:rank AS real), CAST(:id AS bigint)) ORDER BY rank DESC, id DESC LIMIT :most
    ) page
    ORDER BY rank DESC, id DESC
""")
_HEADLINE = {"marks": START + STOP, "replaced": REPLACED * 2, "how": f'HighlightAll=true, StartSel="{START}", StopSel="{STOP}"'}


def cursor_at(engine: Engine, query: SearchQuery, message_id: int) -> ResultCursor | None:
    """None if the message is not a result: the reader may not read it, or it was edited or deleted."""
    row = database.row(engine, _CURSOR, query.values | {"id": message_id})
    return ResultCursor(row.rank, row.id) if row else None


def hits(engine: Engine, query: SearchQuery, most: int, after: ResultCursor = FIRST) -> list[Hit]:
    """The first `most` results after a cursor."""
    values = query.values | _HEADLINE | {"rank": after.rank, "id": after.id, "most": most}
    return [Hit(*row) for row in database.rows(engine, _PAGE, values)]
