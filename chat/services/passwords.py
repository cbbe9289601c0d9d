"""Password hashing: argon2id, in a thread of its own, so that a sign-in never stops the worker's loop."""

from collections.abc import Callable
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from gevent.threadpool import ThreadPool

from chat.domain.refusals import Busy

WAITING = 100  # at 22 ms each about two seconds of hashing: past it a caller is better told to come back


class Passwords:
    """Hashes and verifies. Parameters as OWASP's password storage cheat sheet has them for argon2id (19 MiB, 2 passes)."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
        self._threads: ThreadPool | None = None
        self._waiting = 0
        self._nobody = ""

    def hash(self, password: str) -> str:
        """Raises Busy where too many wait."""
        return str(self._apart(self._hasher.hash, password))

    def verify(self, hashed: str | None, password: str) -> bool:
        """Takes the same time for a name that does not exist (None): the answer's delay tells nothing. Raises Busy."""
        matches = bool(self._apart(self._matches, hashed, password))
        return matches and hashed is not None

    def _matches(self, hashed: str | None, password: str) -> bool:
        if not self._nobody:
            self._nobody = self._hasher.hash("nobody has this password")
        try:
            return self._hasher.verify(hashed or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False

    def _apart(self, work: Callable[..., Any], *arguments: object) -> object:
        if self._waiting >= WAITING:
            raise Busy
        if self._threads is None:
            self._threads = ThreadPool(1)
        self._waiting += 1
        try:
            return self._threads.apply(work, arguments)
        finally:
            self._waiting -= 1
