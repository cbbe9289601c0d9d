"""Delivery delays: how long it takes from a commit on this worker to the end of its fan-out on this worker. One is noted for each batch."""

import time
from collections import deque

from chat.services import metrics

UNDER_WAY = 10_000  # batches: a hub that is further behind has other troubles
NOTED = 10_000  # batches in a second


class DeliveryDelays:
    """posts: the number committed on this worker so far."""

    def __init__(self) -> None:
        self.posts = 0
        self._delivered = 0
        self._under_way: deque[tuple[int, int, float]] = deque(maxlen=UNDER_WAY)
        self._noted: deque[tuple[float, int]] = deque(maxlen=NOTED)

    def committed(self, last_id: int, count: int) -> None:
        """A batch that ends with this id was committed. Another worker may have published it already, and this hub delivered it."""
        self.posts += count
        if last_id <= self._delivered:
            self._note(0.0, count)
        else:
            self._under_way.append((last_id, count, time.monotonic()))

    def delivered(self, event_id: int) -> None:
        """All events up to this id were sent to this worker's subscribers."""
        self._delivered = event_id
        while self._under_way and self._under_way[0][0] <= event_id:
            _, count, began = self._under_way.popleft()
            self._note(time.monotonic() - began, count)

    def take(self) -> list[tuple[float, int]]:
        """The delays since the last call, in seconds, each with the number of posts that had it."""
        noted, self._noted = self._noted, deque(maxlen=NOTED)
        return list(noted)

    def _note(self, seconds: float, count: int) -> None:
        metrics.DELIVERY.observe(seconds)
        self._noted.append((seconds, count))
