"""Takes away what was said in rooms that have ended, once every worker has told its streams of the end: from the record, the files,
the log, and what workers say of them in Redis. The workers' tails let go of it by themselves.

Done twice it is done once: several workers may be at it, and whoever stops in the middle leaves the rest to the next look."""

import logging
from collections.abc import Callable

from sqlalchemy import Engine

from chat.live.hub import Hub
from chat.services import room_lifecycle
from chat.services.files.store import StoreFailed
from chat.services.leases import Leases
from chat.services.log import Log
from chat.services.room_lifecycle import EndedRoom
from chat.upkeep.repeat import repeat
from chat.usecases.presence import SETTLED_SECONDS, Presence

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
CLAIM_SECONDS = 0.9


class Purge:
    """remove_files takes the files of a room away; raises StoreFailed. `reads` is in autocommit."""

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
        """Raises RedisError, SQLAlchemyError: then there is more to do."""
        if self._presence.observed_seconds() < SETTLED_SECONDS:
            return
        ended = room_lifecycle.unpurged(self._reads)
        if not ended or not self._leases.claim("purge", CLAIM_SECONDS):
            return
        told = self._told_everywhere()
        if rooms := [room for room in ended if room.closed <= told]:
            self._purge(rooms)

    def _told_everywhere(self) -> int:
        """Up to which event every live worker has delivered."""
        delivered = self._leases.delivered()
        return min(delivered.values()) if self._leases.worker in delivered else 0

    def _purge(self, rooms: list[EndedRoom]) -> None:
        """The log last, and once more at a later look: somebody may append just now what was read before the rows were gone."""
        gone = [room for room in rooms if not room_lifecycle.delete_events(self._reads, room) and self._without_files(room)]
        ids = [room.id for room in rooms]
        self._leases.forget(ids)
        if self._log.forget(ids, max(room.closed for room in rooms)) == 0:
            for room in gone:
                room_lifecycle.mark_purged(self._reads, room)

    def _without_files(self, room: EndedRoom) -> bool:
        try:
            self._remove_files(room.id)
        except StoreFailed as error:
            logger.warning("the files of room %d are not deleted yet: %s", room.id, error)
            return False
        return True
