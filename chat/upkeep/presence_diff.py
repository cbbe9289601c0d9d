"""The presence diff: who joined a room on this worker and who left, from what was last reported and who is present now.

A user who leaves stays present for LINGER_SECONDS: one who reloads a page, or polls again, has not been away."""

import time
from array import array
from collections.abc import Iterable, Mapping, Set

LINGER_SECONDS = 2.0


class PresenceDiff:
    """What this worker reported of each room, as packed user ids: a set for each of many small rooms would cost most of a stream."""

    def __init__(self) -> None:
        self._reported: dict[int, bytes] = {}
        self._lingering: dict[tuple[int, int], float] = {}  # by room and user id: until when; the first one expires first

    def reset(self, present: Mapping[int, Iterable[int]]) -> None:
        """Starts anew from these users by room id; none of them counts as having come."""
        self._reported.clear()
        self._lingering.clear()
        for room_id, users in present.items():
            self._note(room_id, users)

    def update(self, room_id: int, here: Set[int]) -> tuple[set[int], set[int], set[int]]:
        """Takes the users who are here now. Returns who is reported as present from now on, who joined and who left."""
        before = set(array("q", self._reported.get(room_id, b"")))
        present = set(here) | {user_id for user_id in before - here if self._lingers(room_id, user_id)}
        self._stop_lingering(room_id, here)
        self._note(room_id, present)
        return present, present - before, before - present

    def expired(self) -> set[int]:
        """The rooms with a user whose time to linger is over."""
        now = time.monotonic()
        rooms = set()
        for (room_id, _), until in self._lingering.items():
            if until > now:
                break
            rooms.add(room_id)
        return rooms

    def _note(self, room_id: int, users: Iterable[int]) -> None:
        packed = array("q", users).tobytes()
        if packed:
            self._reported[room_id] = packed
        else:
            self._reported.pop(room_id, None)

    def _lingers(self, room_id: int, user_id: int) -> bool:
        now = time.monotonic()
        if self._lingering.setdefault((room_id, user_id), now + LINGER_SECONDS) > now:
            return True
        del self._lingering[room_id, user_id]
        return False

    def _stop_lingering(self, room_id: int, here: Iterable[int]) -> None:
        if self._lingering:
            for user_id in here:
                self._lingering.pop((room_id, user_id), None)
