"""Presence: how many subscriptions a room has, and which users are present, over all workers.

This worker's part is read from the hub's subscribers, never counted up and down. The others' part is what their leases say."""

import time
from collections.abc import Sequence

from redis import RedisError

from chat.domain.event import room_channel
from chat.live.hub import Hub
from chat.services.leases import LEASE_SECONDS, Leases

RENEW_SECONDS = LEASE_SECONDS / 4
SETTLED_SECONDS = 2 * RENEW_SECONDS  # after this time every worker has reported everything to a Redis that was emptied


class Presence:
    """Reads who is present. `upkeep/presence_report.py` writes this worker's part for the others."""

    def __init__(self, hub: Hub, leases: Leases) -> None:
        self._hub = hub
        self._leases = leases
        self._mark: bytes | None = None
        self._marked = 0.0

    def counts(self, room_ids: Sequence[int]) -> dict[int, int]:
        """The number of subscriptions by room id; this worker's alone while Redis is away."""
        try:
            remote = self._leases.remote_counts(room_ids)
        except RedisError:
            remote = [0] * len(room_ids)
        return {room_id: self.here(room_id) + other for room_id, other in zip(room_ids, remote, strict=True)}

    def here(self, room_id: int) -> int:
        """The number of subscriptions that a room has on this worker."""
        return self._hub.fanout.count(room_channel(room_id))

    def users_here(self, room_id: int) -> set[int]:
        """The ids of the users with a subscription to the room on this worker."""
        return {subscriber.user_id for subscriber in self._hub.fanout.members(room_channel(room_id))}

    def present(self, room_id: int) -> set[int]:
        """The ids of the users with an open subscription that covers the room; this worker's alone while Redis is away."""
        here = self.users_here(room_id)
        try:
            return here | self._leases.remote_users(room_id)
        except RedisError:
            return here

    def empty(self, room_ids: Sequence[int]) -> set[int]:
        """The rooms without a subscription on any worker. Raises RedisError: then nobody knows."""
        remote = self._leases.remote_counts(room_ids)
        return {room_id for room_id, other in zip(room_ids, remote, strict=True) if not other and not self.here(room_id)}

    def observed_seconds(self) -> float:
        """For how many seconds this worker has observed all leases without a break. Raises RedisError, which is a break.

        After Redis was emptied, the other workers look absent until they have renewed their leases."""
        try:
            mark = self._leases.mark()
        except RedisError:
            self._mark = None
            raise
        if mark is None or mark != self._mark:
            self._mark, self._marked = mark, time.monotonic()
        return time.monotonic() - self._marked
