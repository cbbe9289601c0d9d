"""The purge: deletes the content of rooms that have ended, once every worker has delivered `room_closed`: from the database, the files, the
log, and the workers' leases in Redis. The hubs drop it from their tails themselves.

Doing it twice is harmless: several workers may do it at once, and the next look goes on where a worker stopped."""

import logging
from collections.abc import Callable

from sqlalchemy import Engine

from chat.live.hub import Hub
from chat.services import room_lifecycle
from chat.services.files.store import StoreFailed
from chat.services.leases import Leases
from chat.services.log_stream import Log
from chat.services.room_lifecycle import EndedRoom
from chat.upkeep.repeat import repeat
from chat.usecases.presence import SETTLED_SECONDS, Presence

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
CLAIM_SECONDS = 0.9


class Purge:
    """remove_files: removes the files of a room; raises StoreFailed. reads: in autocommit."""

    def __init__(self, hub: Hub, reads: Engine, log: Log, presence: Presence, leases: Leases, remove_files: Callable[[int], None]) -> None:
        self._hub = hub
        self._reads = reads
        self._log = log
        self._presence = presence
        self._leases = leases
        self._remove_files = remove_files

    def start(self) -> None:
        repeat(self._hub, LOOK_SECONDS, self.look)

    def look(self) -> None:
        """Raises RedisError and SQLAlchemyError: the next look goes on."""
        if self._presence.observed_seconds() < SETTLED_SECONDS:
            return
        ended = room_lifecycle.unpurged(self._reads)
        if not ended or not self._leases.claim("purge", CLAIM_SECONDS):
            return
        delivered = self._delivered_everywhere()
        if rooms := [room for room in ended if room.closed <= delivered]:
            self._purge(rooms)

    def _delivered_everywhere(self) -> int:
        """The event up to which every live worker has delivered; 0 if this worker's own lease is missing."""
        delivered = self._leases.delivered()
        return min(delivered.values()) if self._leases.worker in delivered else 0

    def _purge(self, rooms: list[EndedRoom]) -> None:
        """The log comes last, and again at a later look: a worker may append just now what it read before the rows were deleted."""
        deleted = [room for room in rooms if not room_lifecycle.delete_events(self._reads, room) and self._without_files(room)]
        ids = [room.id for room in rooms]
        self._leases.forget(ids)
        if self._log.forget(ids, max(room.closed for room in rooms)) == 0:
            for room in deleted:
                room_lifecycle.mark_purged(self._reads, room)

    def _without_files(self, room: EndedRoom) -> bool:
        try:
            self._remove_files(room.id)
        except StoreFailed as error:
            logger.warning("the files of room %d are not deleted yet: %s", room.id, error)
            return False
        return True
