"""Who has come to a room on this worker, and who has gone: from what was last said of it and who is there now.

Whoever goes is still said to be there for a moment: one who only loads a page again, or polls again, has not been away."""

import time
from array import array
from collections.abc import Iterable, Set

LINGER_SECONDS = 2.0


class Attendance:
    """What this worker has said of each room, as users' ids packed: of many rooms with few people a set each would be most of a stream."""

    def __init__(self) -> None:
        self._said: dict[int, bytes] = {}
        self._lingering: dict[tuple[int, int], float] = {}  # until when; the first one's time is over first

    def forget(self) -> None:
        """What was said is lost, and is said anew without any news in it."""
        self._said.clear()
        self._lingering.clear()

    def say(self, room_id: int, here: Set[int]) -> tuple[set[int], set[int], set[int]]:
        """Who is said to be there from now on, and of these who was not before, and who was and is not any more."""
        before = set(array("q", self._said.get(room_id, b"")))
        said = set(here) | {user_id for user_id in before - here if self._lingers(room_id, user_id)}
        self._stay(room_id, here)
        self.note(room_id, said)
        return said, said - before, before - said

    def note(self, room_id: int, said: Iterable[int]) -> None:
        """What was said, of a room where nobody is told who comes and goes."""
        packed = array("q", said).tobytes()
        if packed:
            self._said[room_id] = packed
        else:
            self._said.pop(room_id, None)

    def over(self) -> set[int]:
        """The rooms where somebody has lingered long enough."""
        now = time.monotonic()
        rooms = set()
        for (room_id, _), until in self._lingering.items():
            if until > now:
                break
            rooms.add(room_id)
        return rooms

    def _lingers(self, room_id: int, user_id: int) -> bool:
        now = time.monotonic()
        if self._lingering.setdefault((room_id, user_id), now + LINGER_SECONDS) > now:
            return True
        del self._lingering[room_id, user_id]
        return False

    def _stay(self, room_id: int, here: Iterable[int]) -> None:
        if self._lingering:
            for user_id in here:
                self._lingering.pop((room_id, user_id), None)
