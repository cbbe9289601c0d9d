"""How long it takes from a commit on this worker to the end of its fan-out on this worker: a note a batch, and nobody waits for it."""

import time
from collections import deque

from chat.services import metrics

UNDER_WAY = 10_000  # batches: a hub that is so far behind has other troubles
NOTED = 10_000  # batches of a second


class DeliveryDelays:
    """posts: how many were committed here in all."""

    def __init__(self) -> None:
        self.posts = 0
        self._delivered = 0
        self._under_way: deque[tuple[int, int, float]] = deque(maxlen=UNDER_WAY)
        self._noted: deque[tuple[float, int]] = deque(maxlen=NOTED)

    def committed(self, last_id: int, count: int) -> None:
        """A batch ending with this id was committed. Another worker may have brought it to this hub already."""
        self.posts += count
        if last_id <= self._delivered:
            self._note(0.0, count)
        else:
            self._under_way.append((last_id, count, time.monotonic()))

    def delivered(self, event_id: int) -> None:
        """All up to this id was sent to this worker's subscribers."""
        self._delivered = event_id
        while self._under_way and self._under_way[0][0] <= event_id:
            _, count, began = self._under_way.popleft()
            self._note(time.monotonic() - began, count)

    def take(self) -> list[tuple[float, int]]:
        """The delays, in seconds, since the last call, each with the number of posts that had it."""
        noted, self._noted = self._noted, deque(maxlen=NOTED)
        return list(noted)

    def _note(self, seconds: float, count: int) -> None:
        metrics.DELIVERY.observe(seconds)
        self._noted.append((seconds, count))
