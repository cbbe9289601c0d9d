"""The lookups that every opening of a stream needs. Those of a whole crowd share one query each."""

from collections.abc import Sequence

from sqlalchemy import Engine

from chat.services import events, rooms
from chat.services.batcher import WAITING_LOOKUPS, lookups
from chat.services.rooms import Access, JoinedRoom


class Lookups:
    def __init__(self, reads: Engine) -> None:
        self._reads = reads
        self._rooms = lookups(self._find_rooms)
        self._joined = lookups(self._find_joined)
        self._heads = lookups(self._find_head, WAITING_LOOKUPS)

    def room(self, reference: str, reader_id: int) -> Access | None:
        """A room by id or name, and what this reader may do with it. None if the reader may not know of the room."""
        return self._rooms.ask((reference, reader_id))

    def joined(self, user_id: int) -> list[JoinedRoom]:
        """The rooms that a user is a member of."""
        return self._joined.ask(user_id)

    def head(self) -> int:
        """The newest committed id at some moment after the call."""
        return self._heads.ask(None)

    def _find_rooms(self, pairs: Sequence[tuple[str, int]]) -> list[Access | None]:
        return rooms.accesses(self._reads, pairs)

    def _find_joined(self, user_ids: Sequence[int]) -> list[list[JoinedRoom]]:
        return rooms.joined_by(self._reads, user_ids)

    def _find_head(self, calls: Sequence[None]) -> list[int]:
        return [events.head(self._reads)] * len(calls)
