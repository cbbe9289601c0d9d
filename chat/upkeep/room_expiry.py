"""Room expiry: ends rooms at their time, and rooms that end when empty.

Every worker looks, and the first to write it ends the room, so it does not matter which of them are alive."""

import random

from sqlalchemy import Engine

from chat.live.hub import Hub
from chat.services import room_lifecycle
from chat.services.leases import Leases
from chat.services.room_lifecycle import Occupancy
from chat.upkeep.repeat import repeat
from chat.usecases.presence import SETTLED_SECONDS, Presence
from chat.usecases.publisher import Publisher

LOOK_SECONDS = 0.5  # how late a room may end
CLAIM_SECONDS = 0.4  # one worker at a time asks Redis about all rooms


class RoomExpiry:
    """grace_seconds: for so long a room that ends when empty may be empty. reads: in autocommit."""

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
        """Looks from now on, first for the rooms that became due while no worker ran."""
        repeat(self._hub, LOOK_SECONDS, self.expire)
        repeat(self._hub, LOOK_SECONDS, self.end_empty)

    def expire(self) -> None:
        """Ends the rooms that are past their time."""
        while due := room_lifecycle.expired(self._reads):
            random.shuffle(due)  # all workers find the same rooms: in different orders they share the work
            for room_id in due:
                self._publisher.announce(room_lifecycle.expire(self._engine, room_id))
            if len(due) < room_lifecycle.AT_ONCE:
                return

    def end_empty(self) -> None:
        """Ends the empty ones of the rooms that end when empty. Without Redis a worker knows only who is present on itself."""
        observed = self._presence.observed_seconds
        rooms = room_lifecycle.occupancies(self._reads, self._grace)
        self._close([room for room in rooms if room.deserted])
        room_lifecycle.set_occupied(self._reads, [room.id for room in rooms if room.empty and self._presence.here(room.id)])
        if observed() < SETTLED_SECONDS or not rooms or not self._leases.claim("empty", CLAIM_SECONDS):
            return
        empty = self._presence.empty([room.id for room in rooms])
        room_lifecycle.set_occupied(self._reads, [room.id for room in rooms if room.empty and room.id not in empty])
        room_lifecycle.set_empty(self._reads, [room.id for room in rooms if not room.empty and room.id in empty])
        if observed() > self._grace:  # a worker that has not observed all that time cannot know that the room was empty
            self._close([room for room in rooms if room.over and room.id in empty])

    def _close(self, rooms: list[Occupancy]) -> None:
        for room in rooms:
            self._publisher.announce(room_lifecycle.close_empty(self._engine, room.id, self._grace))
