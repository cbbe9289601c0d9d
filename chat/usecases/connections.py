"""How many subscriptions a room has, and who is present in it, over all workers: this one's exactly, the others' as they last said.

What is said is read from the hub's subscribers each time, and never counted up and down."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

import gevent
from redis import RedisError

from chat.domain.event import Channel, room_channel
from chat.domain.whisper import HEARD_PRESENCE
from chat.live.hub import Hub
from chat.services.leases import LEASE_SECONDS, Elsewhere, Leases
from chat.usecases.attendance import Attendance
from chat.usecases.signs import Coming

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.05  # how soon the others learn of another number of subscriptions
PRESENCE_SECONDS = 0.5  # how soon they learn who it is: a crowd of ten thousand is said again at most so often
RENEW_SECONDS = LEASE_SECONDS / 4
SETTLED_SECONDS = 2 * RENEW_SECONDS  # by then every worker has said everything to a Redis that was emptied
TOLD = 500  # of one look: when a crowd comes back after a deploy, each of it asks who is there anyway

Tell = Callable[[Sequence[Coming]], None]


class Connections:
    """tell: is given who came to rooms and went, of those with so few streams that each of them is told."""

    def __init__(self, hub: Hub, leases: Leases, tell: Tell) -> None:
        self._hub = hub
        self._leases = leases
        self._tell = tell
        self._attendance = Attendance()
        self._moved: set[Channel] = set()  # channels of which it is not said yet who is present
        self._lost = True  # Redis may not know what was said before
        self._said = 0  # up to where it knows that this worker has delivered
        self._renewed = 0.0
        self._mark: bytes | None = None
        self._marked = 0.0

    def start(self) -> None:
        gevent.spawn(self._run)

    def counts(self, room_ids: Sequence[int]) -> dict[int, int]:
        """By room."""
        try:
            elsewhere = self._leases.elsewhere(room_ids)
        except RedisError:
            elsewhere = [0] * len(room_ids)
        return {room_id: self.here(room_id) + other for room_id, other in zip(room_ids, elsewhere, strict=True)}

    def here(self, room_id: int) -> int:
        """The subscriptions that a room has on this worker."""
        return self._hub.fanout.count(room_channel(room_id))

    def present(self, room_id: int) -> set[int]:
        """The users with an open subscription that covers the room; this worker's alone while Redis is away."""
        here = self._users(room_channel(room_id))
        try:
            return here | self._leases.present_elsewhere(room_id)
        except RedisError:
            return here

    def empty(self, room_ids: Sequence[int]) -> set[int]:
        """The rooms without a subscription on any worker. Raises RedisError: then nobody knows."""
        elsewhere = self._leases.elsewhere(room_ids)
        return {room_id for room_id, other in zip(room_ids, elsewhere, strict=True) if not other and not self.here(room_id)}

    def watched(self) -> float:
        """For how many seconds this worker has seen the leases of all without a break. Raises RedisError, which is one.

        After Redis was emptied the others are absent until they have renewed theirs."""
        try:
            mark = self._leases.mark()
        except RedisError:
            self._mark = None
            raise
        if mark is None or mark != self._mark:
            self._mark, self._marked = mark, time.monotonic()
        return time.monotonic() - self._marked

    def release(self) -> None:
        try:
            self._leases.release()
        except RedisError as error:
            logger.warning("the lease of this worker runs out by itself: %s", error)

    def _run(self) -> None:
        while not self._hub.draining:
            gevent.sleep(LOOK_SECONDS)
            try:
                self._say()
            except RedisError as error:
                logger.debug("Redis is not told who is here: %s", error)
                self._lost = True
                gevent.sleep(RENEW_SECONDS)
        self.release()

    def _say(self) -> None:
        changed, self._hub.changed = self._hub.changed, set()
        self._moved |= changed
        self._moved |= {room_channel(room_id) for room_id in self._attendance.over()}
        age = time.monotonic() - self._renewed
        due = self._lost or age > RENEW_SECONDS
        if due or changed:
            self._count(self._hub.fanout.channels() if due else changed, due)
        if due or (age > PRESENCE_SECONDS and (self._moved or self._said != self._hub.delivered)):
            self._renew()

    def _count(self, channels: Iterable[Channel], whole: bool) -> None:
        """All of it now and then: it is little, and a Redis that lost some of it has it again."""
        self._leases.count({channel[1]: self._hub.fanout.count(channel) for channel in _rooms(channels)}, whole)

    def _renew(self) -> None:
        """Who is present is said whole only to a Redis that has lost it."""
        whole, self._said, self._renewed = self._lost, self._hub.delivered, time.monotonic()
        moved, self._moved = self._moved, set()
        if whole:
            self._say_whole()
        else:
            self._say_moved([channel[1] for channel in _rooms(moved)])

    def _say_whole(self) -> None:
        """Redis may have lost it, and nobody has come or gone for that."""
        present = {channel[1]: self._users(channel) for channel in _rooms(self._hub.fanout.channels())}
        self._attendance.forget()
        for room_id, users in present.items():
            self._attendance.note(room_id, users)
        self._leases.renew(self._said, present, whole=True)
        self._lost = False

    def _say_moved(self, room_ids: Sequence[int]) -> None:
        present: dict[int, set[int]] = {}
        comings: list[Coming] = []
        for room_id in room_ids:
            present[room_id], came, went = self._attendance.say(room_id, self._users(room_channel(room_id)))
            if self.here(room_id) <= HEARD_PRESENCE:
                comings += [Coming(room_id, user_id, True) for user_id in came] + [Coming(room_id, user_id, False) for user_id in went]
        asked = sorted({coming.room_id for coming in comings})
        if not asked:
            self._lost = not self._leases.renew(self._said, present, whole=False)
            return
        elsewhere = self._leases.exchange(self._said, present, asked)
        self._lost = elsewhere is None
        self._tell_of(comings, dict(zip(asked, elsewhere or [], strict=False)))

    def _tell_of(self, comings: Iterable[Coming], elsewhere: Mapping[int, Elsewhere]) -> None:
        """Not of one who is there by another worker too, nor in a room that is a crowd over all of them."""
        told = [
            coming
            for coming in comings
            if (other := elsewhere.get(coming.room_id)) is not None
            and coming.user_id not in other.users
            and self.here(coming.room_id) + other.streams <= HEARD_PRESENCE
        ]
        if told:
            self._tell(told[:TOLD])

    def _users(self, channel: Channel) -> set[int]:
        return {subscriber.user_id for subscriber in self._hub.fanout.members(channel)}


def _rooms(channels: Iterable[Channel]) -> Iterable[Channel]:
    return (channel for channel in channels if channel[0] == "room")
