"""Turns: each subscriber is in one of the slots, and each slot has its turn once a heartbeat."""

import heapq
from collections.abc import Iterator
from itertools import count

from chat.live.subscriber import Subscriber

TICK_SECONDS = 0.25  # how much later than its deadline a long poll may be answered


class TimerWheel:
    """All subscribers of a worker, spread over the ticks of one heartbeat; and the deadlines of the long polls."""

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
        """Its turn comes when the wheel has gone round once."""
        subscriber.slot = self._now
        self._slots[subscriber.slot][subscriber] = None

    def remove(self, subscriber: Subscriber) -> None:
        self._slots[subscriber.slot].pop(subscriber, None)

    def turn(self) -> list[Subscriber]:
        """Those whose turn it is now."""
        self._now = (self._now + 1) % len(self._slots)
        return list(self._slots[self._now])

    def expire_at(self, deadline: float, subscriber: Subscriber) -> None:
        heapq.heappush(self._deadlines, (deadline, next(self._order), subscriber))

    def expired(self, now: float) -> Iterator[Subscriber]:
        """The long polls whose time is over; those that were answered before are passed over."""
        while self._deadlines and self._deadlines[0][0] <= now:
            subscriber = heapq.heappop(self._deadlines)[2]
            if not subscriber.closed:
                yield subscriber
