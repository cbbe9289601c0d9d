"""The plan of a run: its size, times and faults. Every random choice comes from the seed."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

SMALL = "tests.torture.small_wsgi:app"

ALL_FAULTS = (
    "worker_killed",
    "all_workers_killed",
    "workers_reloaded",
    "worker_paused",
    "valkey_emptied",
    "valkey_flushed",
    "valkey_restarted",
    "valkey_rewound",
    "valkey_paused",
    "connections_cut",
)


@dataclass(frozen=True)
class Plan:
    """Counts and mean times in seconds; the faults are injected one after the other, all of them, again and again."""

    seed: int
    seconds: float = 30.0
    events: int = 300  # and on until there are so many: on a busy machine little happens in the time
    people: int = 8
    posters: int = 6
    rooms: int = 5
    room_readers: int = 14
    many_readers: int = 14
    inbox_readers: int = 12
    polling_share: float = 0.35
    direct_share: float = 0.4
    late_share: float = 0.25
    posting_pause: float = 0.025
    correcting_pause: float = 0.25
    stay: float = 1.5
    absence: float = 0.3
    calm: float = 0.6
    workers: int = 2
    faults: tuple[str, ...] = ALL_FAULTS
    settings: Mapping[str, str] = field(default_factory=dict)
    wsgi: str = "wsgi:app"
    healing: float = 10.0
    resumes_each: int = 3  # the guard: a run in which readers hardly ever dropped shows nothing
    messages_a_room: int = 20

    def random(self, whose: str) -> random.Random:
        """Independent choices for everybody, the same again with the same seed."""
        return random.Random(f"{self.seed} {whose}")
