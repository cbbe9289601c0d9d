"""Looking for what was said. Few searches at a time, for they are the most that one request may ask of the database."""

from dataclasses import dataclass

from gevent.lock import BoundedSemaphore
from sqlalchemy import Engine

from chat.domain.record import whole
from chat.domain.refusals import Busy, NoSuchResult, NothingToSearchFor
from chat.domain.search import snippet, sought
from chat.domain.shapes import Found, Results
from chat.services import events, search
from chat.services.search import Hit, Place, Wanted

AT_ONCE = 2  # of a worker's five connections: posting goes on meanwhile
WAITING = 20


@dataclass(frozen=True, slots=True)
class Query:
    """room_id: in that room alone. before: the id of the last result so far."""

    words: str
    reader_id: int
    room_id: int | None
    before: int | None
    most: int


class Search:
    def __init__(self, reads: Engine) -> None:
        self._reads = reads
        self._turns = BoundedSemaphore(AT_ONCE)
        self._waiting = 0

    def find(self, query: Query) -> Results:
        """Ranked, the newer ones first among equals. Raises NothingToSearchFor, NoSuchResult, Busy."""
        if self._waiting >= WAITING:
            raise Busy
        self._waiting += 1
        try:
            with self._turns:
                return self._find(query)
        finally:
            self._waiting -= 1

    def _find(self, query: Query) -> Results:
        parsed = search.parse(self._reads, sought(query.words))
        if parsed is None:
            raise NothingToSearchFor
        wanted = Wanted(parsed, query.reader_id, query.room_id)
        after = search.BEST if query.before is None else self._place(wanted, query.before)
        hits = search.hits(self._reads, wanted, query.most + 1, after)
        return Results(self._shown(wanted, hits[: query.most]), more=len(hits) > query.most)

    def _place(self, wanted: Wanted, message_id: int) -> Place:
        place = search.place(self._reads, wanted, message_id)
        if place is None:
            raise NoSuchResult
        return place

    def _shown(self, wanted: Wanted, hits: list[Hit]) -> list[Found]:
        """What was deleted, or may not be read any more, since it was found is left out."""
        records = events.messages(self._reads, [hit.id for hit in hits], wanted.reader_id)
        messages = {record.id: whole(record) for record in records}
        return [Found(messages[hit.id], *snippet(hit.text, hit.marked)) for hit in hits if hit.id in messages]
