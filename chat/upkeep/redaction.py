"""Takes what deleted messages said out of the log, once it tells of their deletion. Every worker does it for what it has heard:
whoever stops in the middle leaves it to the others, or to the next one that fills its tail.

The record has let go of it with the deletion, and the workers' tails do by themselves."""

from itertools import islice

from sqlalchemy import Engine

from chat.live.hub import Hub
from chat.services import message_changes
from chat.services.log import Log
from chat.upkeep.repeat import repeat

LOOK_SECONDS = 1.0
AT_ONCE = 200  # deletions


class LogRedaction:
    def __init__(self, hub: Hub, reads: Engine, log: Log) -> None:
        self._hub = hub
        self._reads = reads
        self._log = log

    def start(self) -> None:
        repeat(self._hub, LOOK_SECONDS, self.look)

    def look(self) -> None:
        """Raises RedisError, SQLAlchemyError: then there is more to do."""
        while deletions := dict(islice(self._hub.deletions.items(), AT_ONCE)):
            if not self._erase(deletions):
                return
            for message_id in deletions:
                self._hub.deletions.pop(message_id, None)

    def _erase(self, deletions: dict[int, int]) -> bool:
        """Whether nothing was left: what was there is looked for once more, for somebody may have read it before and append it just now."""
        reach = max(deletions.values())
        ids = [event_id for event_id in message_changes.copies_of(self._reads, list(deletions)) if event_id < reach]
        return self._log.erase(ids, reach) == 0
