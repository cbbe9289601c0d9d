"""The redaction of the log: drops the entries that hold the text of deleted messages, once the log has reached their deletion. Every worker
does it for the deletions that it delivered: if one stops in the middle, the others do it, or the next that fills its tail.

The database loses the text with the deletion itself, and the hubs redact their tails themselves."""

from itertools import islice

from sqlalchemy import Engine

from chat.live.hub import Hub
from chat.services import message_changes
from chat.services.log_stream import Log
from chat.upkeep.repeat import repeat

LOOK_SECONDS = 1.0
BATCH_DELETIONS = 200


class LogRedaction:
    def __init__(self, hub: Hub, reads: Engine, log: Log) -> None:
        self._hub = hub
        self._reads = reads
        self._log = log

    def start(self) -> None:
        repeat(self._hub, LOOK_SECONDS, self.look)

    def look(self) -> None:
        """Raises RedisError and SQLAlchemyError: the next look goes on."""
        while deletions := dict(islice(self._hub.deletions.items(), BATCH_DELETIONS)):
            if not self._redact(deletions):
                return
            for message_id in deletions:
                self._hub.deletions.pop(message_id, None)

    def _redact(self, deletions: dict[int, int]) -> bool:
        """Returns whether nothing was left. Until then it is done again: a worker may append just now what it read before."""
        reach = max(deletions.values())
        ids = [event_id for event_id in message_changes.copies_of(self._reads, list(deletions)) if event_id < reach]
        return self._log.erase(ids, reach) == 0
