"""Full-text search. Only a few searches run at a time, because no other request asks more of the database."""

from dataclasses import dataclass

from gevent.lock import BoundedSemaphore
from sqlalchemy import Engine

from chat.domain.record import whole
from chat.domain.refusals import Busy, NoSuchResult, NothingToSearchFor
from chat.domain.search import snippet, split_query
from chat.domain.shapes.answers import Found, Results
from chat.services import history, search
from chat.services.search import Hit, ResultCursor, SearchQuery

AT_ONCE = 2  # of a worker's five connections, so that posting goes on meanwhile
WAITING = 20


@dataclass(frozen=True, slots=True)
class SearchRequest:
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

    def find(self, request: SearchRequest) -> Results:
        """Ranked, the newer ones first among equals. Raises NothingToSearchFor, NoSuchResult, Busy."""
        if self._waiting >= WAITING:
            raise Busy
        self._waiting += 1
        try:
            with self._turns:
                return self._find(request)
        finally:
            self._waiting -= 1

    def _find(self, request: SearchRequest) -> Results:
        query = search.parse(self._reads, split_query(request.words))
        if query is None:
            raise NothingToSearchFor
        criteria = SearchQuery(query, request.reader_id, request.room_id)
        after = search.FIRST if request.before is None else self._cursor_at(criteria, request.before)
        hits = search.hits(self._reads, criteria, request.most + 1, after)
        return Results(self._results(hits[: request.most], request.reader_id), more=len(hits) > request.most)

    def _cursor_at(self, criteria: SearchQuery, message_id: int) -> ResultCursor:
        cursor = search.cursor_at(self._reads, criteria, message_id)
        if cursor is None:
            raise NoSuchResult
        return cursor

    def _results(self, hits: list[Hit], reader_id: int) -> list[Found]:
        """Without the messages that were deleted, or hidden from the reader, since they were found."""
        records = history.messages(self._reads, [hit.id for hit in hits], reader_id)
        messages = {record.id: whole(record) for record in records}
        return [Found(messages[hit.id], *snippet(hit.text, hit.marked)) for hit in hits if hit.id in messages]
