"""What every opening of a stream must know, looked up for a whole crowd in one query each."""

from collections.abc import Sequence

from sqlalchemy import Engine

from chat.domain.shapes import RoomRef
from chat.services import events, rooms
from chat.services.batcher import Batcher

LOOKUPS = 500  # in one query
WAITING_LOOKUPS = 20_000  # a whole crowd that comes back at once


class Lookups:
    def __init__(self, reads: Engine) -> None:
        self._reads = reads
        self._rooms: Batcher[tuple[str, int], RoomRef | None] = Batcher(self._find_rooms, LOOKUPS, WAITING_LOOKUPS)
        self._joined: Batcher[int, list[int]] = Batcher(self._find_joined, LOOKUPS, WAITING_LOOKUPS)
        self._heads: Batcher[None, int] = Batcher(self._find_head, WAITING_LOOKUPS, WAITING_LOOKUPS)

    def room(self, reference: str, reader_id: int) -> RoomRef | None:
        """A room by id or name, if this reader may know of it."""
        return self._rooms.ask((reference, reader_id))

    def joined(self, user_id: int) -> list[int]:
        """The rooms that a user is a member of."""
        return self._joined.ask(user_id)

    def head(self) -> int:
        """The newest committed id, as of some moment after the call."""
        return self._heads.ask(None)

    def _find_rooms(self, wanted: Sequence[tuple[str, int]]) -> list[RoomRef | None]:
        return rooms.refs(self._reads, wanted)

    def _find_joined(self, user_ids: Sequence[int]) -> list[list[int]]:
        return rooms.joined(self._reads, user_ids)

    def _find_head(self, asked: Sequence[None]) -> list[int]:
        return [events.head(self._reads)] * len(asked)
