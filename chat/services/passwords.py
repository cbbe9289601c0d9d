"""Password hashing: argon2id, in a thread, so that a sign-in never stops the worker's loop."""

from collections.abc import Callable
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from gevent.threadpool import ThreadPool

from chat.domain.refusals import Busy

WAITING = 100  # about two seconds of hashing, at 22 ms each: past it a caller is told to come back


class Passwords:
    """The parameters are those of OWASP's password storage cheat sheet for argon2id: 19 MiB, 2 passes."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
        self._threads: ThreadPool | None = None
        self._waiting = 0
        self._decoy = ""

    def hash(self, password: str) -> str:
        """Raises Busy if too many wait."""
        return str(self._in_thread(self._hasher.hash, password))

    def verify(self, hashed: str | None, password: str) -> bool:
        """Takes as long for a name that does not exist (None) as for one that does, so the delay tells nothing. Raises Busy."""
        matches = bool(self._in_thread(self._matches, hashed, password))
        return matches and hashed is not None

    def _matches(self, hashed: str | None, password: str) -> bool:
        if not self._decoy:
            self._decoy = self._hasher.hash("no user has this password")
        try:
            return self._hasher.verify(hashed or self._decoy, password)
        except (VerificationError, InvalidHashError):
            return False

    def _in_thread(self, work: Callable[..., Any], *arguments: object) -> object:
        if self._waiting >= WAITING:
            raise Busy
        if self._threads is None:
            self._threads = ThreadPool(1)
        self._waiting += 1
        try:
            return self._threads.apply(work, arguments)
        finally:
            self._waiting -= 1
