"""Full-text search in what a reader may read, over the index events_by_words. Words are as PostgreSQL's 'simple' configuration has them."""

from dataclasses import dataclass

from sqlalchemy import Engine, text

from chat.domain.search import REPLACED, START, STOP, QueryParts
from chat.services.permissions import POSTED, READABLE

RANKED = 1000  # of the messages found, the newest so many are ranked: each has to be read for it


@dataclass(frozen=True, slots=True)
class Criteria:
    """query: a tsquery. room_id: in this room alone."""

    query: str
    reader_id: int
    room_id: int | None

    @property
    def values(self) -> dict[str, object]:
        return {"query": self.query, "reader": self.reader_id, "room": self.room_id}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the order of results one stands: by its rank, which is a matter of its own text alone, then by its id, both descending."""

    rank: float
    id: int


BEST = Place(float("inf"), 0)  # before all results


@dataclass(frozen=True, slots=True)
class Hit:
    """A message found; marked: its text with marks around what was found."""

    id: int
    text: str
    marked: str


def parse(engine: Engine, parts: QueryParts) -> str | None:
    """The query as PostgreSQL has it; None where it names nothing that a message must have in it, as `-this`, or `???`."""
    values = {"whole": parts.whole, "begun": _quoted(parts.prefix), "operator": parts.operator}
    with engine.connect() as connection:
        query, needed = connection.execute(_PARSE, values).one()
    return None if needed in ("", "T") else str(query)


def _quoted(word: str | None) -> str | None:
    """In quotes, whatever it holds is text to to_tsquery, and each word made of it a beginning."""
    if word is None:
        return None
    quoted = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{quoted}':*"


_PARSE = text("""
    SELECT q.query, querytree(CAST(q.query AS tsquery)) FROM (
        SELECT concat_ws(:operator,
            nullif(CAST(websearch_to_tsquery('simple', :whole) AS text), ''), nullif(CAST(to_tsquery('simple', :begun) AS text), '')
        ) AS query
    ) q
""")
_RANK = "ts_rank(to_tsvector('simple', e.text), CAST(:query AS tsquery))"
_FOUND = f"""
    FROM events e JOIN rooms r ON r.id = e.room_id
    WHERE to_tsvector('simple', e.text) @@ CAST(:query AS tsquery)
        AND e.kind {POSTED} AND e.deleted_at IS NULL AND {READABLE}
        AND (CAST(:room AS bigint) IS NULL OR e.room_id = :room)
"""
_PLACE = text(f"SELECT {_RANK} AS rank, e.id {_FOUND} AND e.id = :id")
# Sorted by `id + 0`: by the id alone the planner may walk through all messages there are, newest first, rather than use the index.
_PAGE = text(f"""
    SELECT page.id, page.text, ts_headline('simple', translate(page.text, :marks, :replaced), CAST(:query AS tsquery), :how) AS marked
    FROM (
        SELECT * FROM (
            SELECT e.id, e.text, {_RANK} AS rank FROM (SELECT e.id, e.text {_FOUND} ORDER BY e.id + 0 DESC LIMIT {RANKED}) e
        ) ranked
        WHERE (rank, id) < (CAST(:rank AS real), CAST(:id AS bigint)) ORDER BY rank DESC, id DESC LIMIT :most
    ) page
    ORDER BY rank DESC, id DESC
""")
_HEADLINE = {"marks": START + STOP, "replaced": REPLACED * 2, "how": f'HighlightAll=true, StartSel="{START}", StopSel="{STOP}"'}


def place(engine: Engine, criteria: Criteria, message_id: int) -> Place | None:
    """None for what is not among the results: one that the reader may not read, or that was changed or deleted."""
    with engine.connect() as connection:
        row = connection.execute(_PLACE, criteria.values | {"id": message_id}).one_or_none()
    return Place(row.rank, row.id) if row else None


def hits(engine: Engine, criteria: Criteria, most: int, after: Place = BEST) -> list[Hit]:
    """The first `most` results after a place."""
    values = criteria.values | _HEADLINE | {"rank": after.rank, "id": after.id, "most": most}
    with engine.connect() as connection:
        return [Hit(*row) for row in connection.execute(_PAGE, values)]
