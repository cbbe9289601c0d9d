"""How many subscriptions a room has, over all workers: this one's exactly, the others' as they last said."""

import logging
import time
from collections.abc import Sequence

import gevent
from redis import RedisError

from chat.domain.event import room_channel
from chat.live.hub import Hub
from chat.services.leases import LEASE_SECONDS, Leases

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.05  # how soon the others learn of a change
RENEW_SECONDS = LEASE_SECONDS / 4


class Connections:
    def __init__(self, hub: Hub, leases: Leases) -> None:
        self._hub = hub
        self._leases = leases

    def start(self) -> None:
        gevent.spawn(self._run)

    def counts(self, room_ids: Sequence[int]) -> dict[int, int]:
        """By room."""
        try:
            elsewhere = self._leases.elsewhere(room_ids)
        except RedisError:
            elsewhere = [0] * len(room_ids)
        here = [self._hub.fanout.count(room_channel(room_id)) for room_id in room_ids]
        return {room_id: one + other for room_id, one, other in zip(room_ids, here, elsewhere, strict=True)}

    def present(self, room_id: int) -> set[int]:
        """The users who have an open subscription that covers the room."""
        return {subscriber.user_id for subscriber in self._hub.fanout.members(room_channel(room_id))}

    def release(self) -> None:
        try:
            self._leases.release()
        except RedisError as error:
            logger.warning("the lease of this worker runs out by itself: %s", error)

    def _run(self) -> None:
        renewed = 0.0
        while not self._hub.draining:
            gevent.sleep(LOOK_SECONDS)
            due = time.monotonic() - renewed > RENEW_SECONDS
            if due or self._hub.changed:
                try:
                    self._write(whole=due)
                    renewed = time.monotonic() if due else renewed
                except RedisError:
                    gevent.sleep(RENEW_SECONDS)
                    renewed = 0.0
        self.release()

    def _write(self, whole: bool) -> None:
        """All of it now and then, so that a Redis that was emptied knows it again."""
        changed, self._hub.changed = self._hub.changed, set()
        channels = self._hub.fanout.channels() if whole else {channel: self._hub.fanout.count(channel) for channel in changed}
        self._leases.write({channel[1]: count for channel, count in channels.items() if channel[0] == "room"}, whole)
