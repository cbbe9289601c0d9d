"""Ends rooms whose time is over: by the clock, or because nobody is there any more.

Every worker looks, and the first to write it ends the room: nothing here depends on which of them are alive."""

import random

from sqlalchemy import Engine

from chat.live.hub import Hub
from chat.services import room_lifecycle
from chat.services.leases import Leases
from chat.services.room_lifecycle import Occupancy
from chat.upkeep.repeat import repeat
from chat.usecases.presence import SETTLED_SECONDS, Presence
from chat.usecases.publish import Publisher

LOOK_SECONDS = 0.5  # how late a room may end
CLAIM_SECONDS = 0.4  # one worker at a time asks Redis about all rooms


class RoomExpiry:
    """grace_seconds: for how long nobody may be in a room that ends when empty. `reads` is in autocommit."""

    def __init__(
        self, hub: Hub, engine: Engine, reads: Engine, publisher: Publisher, presence: Presence, leases: Leases, grace_seconds: float
    ) -> None:
        self._hub = hub
        self._engine = engine
        self._reads = reads
        self._publisher = publisher
        self._presence = presence
        self._leases = leases
        self._grace = grace_seconds

    def start(self) -> None:
        """Looks from now on, first at what was due while nobody looked."""
        repeat(self._hub, LOOK_SECONDS, self.expire)
        repeat(self._hub, LOOK_SECONDS, self.end_empty)

    def expire(self) -> None:
        """Ends the rooms whose hour has come."""
        while expired := room_lifecycle.expired(self._reads):
            random.shuffle(expired)  # the workers meet the same rooms: in another order they share the work
            for room_id in expired:
                self._announce(room_lifecycle.expire(self._engine, room_id))
            if len(expired) < room_lifecycle.AT_ONCE:
                return

    def end_empty(self) -> None:
        """Ends the rooms that end when empty, of those that are. While Redis is away nobody is known to be absent, only to be here."""
        watched = self._presence.observed_seconds
        rooms = room_lifecycle.occupancies(self._reads, self._grace)
        self._close([room for room in rooms if room.deserted])
        room_lifecycle.set_occupied(self._reads, [room.id for room in rooms if room.empty and self._presence.here(room.id)])
        if watched() < SETTLED_SECONDS or not rooms or not self._leases.claim("empty", CLAIM_SECONDS):
            return
        empty = self._presence.empty([room.id for room in rooms])
        room_lifecycle.set_occupied(self._reads, [room.id for room in rooms if room.empty and room.id not in empty])
        room_lifecycle.set_empty(self._reads, [room.id for room in rooms if not room.empty and room.id in empty])
        if watched() > self._grace:  # who has not looked on for all that time does not know that nobody was there
            self._close([room for room in rooms if room.over and room.id in empty])

    def _close(self, rooms: list[Occupancy]) -> None:
        for room in rooms:
            self._announce(room_lifecycle.close_empty(self._engine, room.id, self._grace))

    def _announce(self, event_id: int | None) -> None:
        if event_id is not None:
            self._publisher.announce(event_id)
