"""The presence report: this worker tells the others, through its lease in Redis, which rooms have subscriptions here and who is present.

Users who come and go are announced as presence signals, in rooms with few streams."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

import gevent
from redis import RedisError

from chat.domain.event import Channel, room_channel
from chat.domain.signal import MAX_PRESENCE_STREAMS
from chat.live.hub import Hub
from chat.services.leases import Leases, RemotePresence
from chat.upkeep.presence_diff import PresenceDiff
from chat.usecases.presence import RENEW_SECONDS, Presence
from chat.usecases.signals import PresenceChange

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.05  # the other workers learn a changed number of subscriptions this soon
PRESENCE_SECONDS = 0.5  # they learn who it is this soon: a crowd of ten thousand is written again at most this often
ANNOUNCED = 500  # changes of one look: when a crowd comes back after a deploy, each client asks who is present anyway

Announce = Callable[[Sequence[PresenceChange]], None]


class PresenceReport:
    """announce: receives who came and went, of those rooms with so few streams that each of them is sent a signal."""

    def __init__(self, hub: Hub, leases: Leases, presence: Presence, announce: Announce) -> None:
        self._hub = hub
        self._leases = leases
        self._presence = presence
        self._announce = announce
        self._diff = PresenceDiff()
        self._moved: set[Channel] = set()  # channels whose users are not reported yet
        self._lost = True  # Redis may not have what was reported before
        self._reported = 0  # the delivered event id in the lease
        self._renewed = 0.0

    def start(self) -> None:
        gevent.spawn(self._run)

    def release(self) -> None:
        """Ends this worker's lease."""
        try:
            self._leases.release()
        except RedisError as error:
            logger.warning("this worker's lease expires by itself: %s", error)

    def _run(self) -> None:
        while not self._hub.draining:
            gevent.sleep(LOOK_SECONDS)
            try:
                self._report()
            except RedisError as error:
                logger.debug("presence is not reported to Redis: %s", error)
                self._lost = True
                gevent.sleep(RENEW_SECONDS)
        self.release()

    def _report(self) -> None:
        changed, self._hub.changed = self._hub.changed, set()
        self._moved |= changed
        self._moved |= {room_channel(room_id) for room_id in self._diff.expired()}
        age = time.monotonic() - self._renewed
        due = self._lost or age > RENEW_SECONDS
        if due or changed:
            self._report_counts(self._hub.fanout.channels() if due else changed, due)
        if due or (age > PRESENCE_SECONDS and (self._moved or self._reported != self._hub.delivered)):
            self._renew()

    def _report_counts(self, channels: Iterable[Channel], whole: bool) -> None:
        """All counts are written now and then: they are few, and a Redis that lost some of them has them again."""
        self._leases.count({room_id: self._presence.here(room_id) for room_id in _room_ids(channels)}, whole)

    def _renew(self) -> None:
        """Only a Redis that lost the report gets the whole of it."""
        whole, self._reported, self._renewed = self._lost, self._hub.delivered, time.monotonic()
        moved, self._moved = self._moved, set()
        if whole:
            self._report_whole()
        else:
            self._report_moved(_room_ids(moved))

    def _report_whole(self) -> None:
        """Redis may have lost the report; nobody came or went because of that."""
        present = {room_id: self._presence.users_here(room_id) for room_id in _room_ids(self._hub.fanout.channels())}
        self._diff.reset(present)
        self._leases.renew(self._reported, present, whole=True)
        self._lost = False

    def _report_moved(self, room_ids: Sequence[int]) -> None:
        present: dict[int, set[int]] = {}
        changes: list[PresenceChange] = []
        for room_id in room_ids:
            present[room_id], joins, leaves = self._diff.update(room_id, self._presence.users_here(room_id))
            if self._presence.here(room_id) <= MAX_PRESENCE_STREAMS:
                changes += [PresenceChange(room_id, user_id, True) for user_id in joins]
                changes += [PresenceChange(room_id, user_id, False) for user_id in leaves]
        rooms = sorted({change.room_id for change in changes})
        if not rooms:
            self._lost = not self._leases.renew(self._reported, present, whole=False)
            return
        remote = self._leases.renew_and_read(self._reported, present, rooms)
        self._lost = remote is None
        self._announce_changes(changes, dict(zip(rooms, remote or [], strict=False)))

    def _announce_changes(self, changes: Iterable[PresenceChange], remote: Mapping[int, RemotePresence]) -> None:
        """A user who is also present on another worker is not announced, nor is anybody in a room that is a crowd over all workers."""
        news = [
            change
            for change in changes
            if (there := remote.get(change.room_id)) is not None
            and change.user_id not in there.users
            and self._presence.here(change.room_id) + there.streams <= MAX_PRESENCE_STREAMS
        ]
        if news:
            self._announce(news[:ANNOUNCED])


def _room_ids(channels: Iterable[Channel]) -> list[int]:
    return [channel_id for name, channel_id in channels if name == "room"]
