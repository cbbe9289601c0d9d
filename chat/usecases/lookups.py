"""The lookups that every opening of a stream needs. Those of a whole crowd share one query each."""

from functools import partial

from sqlalchemy import Engine

from chat.services import events, rooms
from chat.services.batcher import WAITING_LOOKUPS, Batcher, lookups
from chat.services.rooms import Access, JoinedRoom


class Lookups:
    def __init__(self, reads: Engine) -> None:
        self._rooms = lookups(partial(rooms.accesses, reads))
        self._joined = lookups(partial(rooms.joined_by, reads))
        self._heads: Batcher[None, int] = lookups(lambda calls: [events.head(reads)] * len(calls), WAITING_LOOKUPS)

    def room(self, reference: str, reader_id: int) -> Access | None:
        """A room by id or name, and what this reader may do with it. None if the reader may not know of the room."""
        return self._rooms.ask((reference, reader_id))

    def joined(self, user_id: int) -> list[JoinedRoom]:
        """The rooms that a user is a member of."""
        return self._joined.ask(user_id)

    def head(self) -> int:
        """The newest committed id at some moment after the call."""
        return self._heads.ask(None)
