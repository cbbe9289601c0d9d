"""The size of an audit. All its random choices come from the seed, except the names, which must be new in the service."""

import random
import secrets
from dataclasses import dataclass, field
from functools import cached_property

CLIENTS_A_ROOM = 20  # each post is then delivered ten to twenty times, as in rooms of people
PEOPLE = 8  # enough for conversations; each sign-up costs the service a password hash
POSTS_A_POSTER = 5.0  # a second: a poster waits for each answer, and a distant service takes its time
ROOM_HOURS = 1.0  # beyond the run: the rooms of a killed audit end by themselves


@dataclass(frozen=True)
class Plan:
    """rate: posts a second; seconds: of posting; stay and absence: mean seconds of a client."""

    url: str
    clients: int = 40
    seconds: float = 30.0
    rate: float = 20.0
    seed: int = 0
    token: str | None = field(default=None, repr=False)
    keep: bool = False
    stay: float = 5.0
    absence: float = 1.0
    late_share: float = 0.2
    direct_share: float = 0.3

    @cached_property
    def mark(self) -> str:
        """A part of all names that this audit makes."""
        return secrets.token_hex(4)

    @property
    def rooms(self) -> int:
        return max(1, self.clients // CLIENTS_A_ROOM)

    @property
    def people(self) -> int:
        return min(PEOPLE, max(2, self.clients // 5))

    @property
    def posters(self) -> int:
        return max(self.people, round(self.rate / POSTS_A_POSTER))

    @property
    def room_hours(self) -> float:
        return min(24.0, ROOM_HOURS + self.seconds / 3600)

    def random(self, name: str) -> random.Random:
        """A generator for each name, which gives the same choices again with the same seed."""
        return random.Random(f"{self.seed} {name}")
