"""What a store promises: bytes under a key, kept whole or not at all, read in portions. Keys are random, and ours."""

import secrets
from collections.abc import Iterator
from typing import BinaryIO, Protocol

PORTION_BYTES = 64 * 1024  # what is in memory of a file at any moment


class StoreFailed(Exception):
    """The store does not do what it should: a full disk, a bucket that is away."""


class Missing(StoreFailed):
    """Nothing lies under that key."""


class Draft(Protocol):
    """A file that is being written; its bytes can be read back before it is kept."""

    @property
    def file(self) -> BinaryIO: ...

    def keep(self, sha256: bytes) -> None:
        """Stores it durably under its key. Raises StoreFailed."""

    def close(self) -> None:
        """Gives up what was not kept."""


class Store(Protocol):
    """Each call raises StoreFailed."""

    def draft(self, key: str) -> Draft: ...

    def read(self, key: str, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from start up to stop, in portions. Raises Missing at once, not in the middle."""

    def delete(self, key: str) -> None:
        """Also what is not there, and what was begun and never kept."""


def new_key() -> str:
    return secrets.token_hex(16)


def preview_key(key: str) -> str:
    """Made of the file's own key: whoever deletes a file finds its preview, also one that no row tells of yet."""
    return f"{key}-preview"
