"""The timer wheel: each subscriber is in one slot, and each slot is due once a heartbeat. It also keeps the deadlines of long polls."""

import heapq
from collections.abc import Iterator
from itertools import count

from chat.live.subscriber import Subscriber

TICK_SECONDS = 0.25  # how much later than its deadline a long poll may be answered


class TimerWheel:
    """All subscribers of a worker, spread over the ticks of one heartbeat."""

    def __init__(self, heartbeat_seconds: float) -> None:
        self._slots: list[dict[Subscriber, None]] = [{} for _ in range(max(1, round(heartbeat_seconds / TICK_SECONDS)))]
        self._now = 0
        self._deadlines: list[tuple[float, int, Subscriber]] = []
        self._order = count()

    def __iter__(self) -> Iterator[Subscriber]:
        for slot in self._slots:
            yield from tuple(slot)

    def __len__(self) -> int:
        return sum(map(len, self._slots))

    def add(self, subscriber: Subscriber) -> None:
        """It is due after one round of the wheel."""
        subscriber.schedule(self._now)
        self._slots[self._now][subscriber] = None

    def remove(self, subscriber: Subscriber) -> None:
        self._slots[subscriber.slot].pop(subscriber, None)

    def tick(self) -> list[Subscriber]:
        """Moves on by one slot, and returns the subscribers that are due now."""
        self._now = (self._now + 1) % len(self._slots)
        return list(self._slots[self._now])

    def expire_at(self, deadline: float, subscriber: Subscriber) -> None:
        heapq.heappush(self._deadlines, (deadline, next(self._order), subscriber))

    def expired(self, now: float) -> Iterator[Subscriber]:
        """Takes the long polls whose deadline has passed; those answered before are skipped."""
        while self._deadlines and self._deadlines[0][0] <= now:
            subscriber = heapq.heappop(self._deadlines)[2]
            if not subscriber.closed:
                yield subscriber
