"""The contract of a store: bytes under a key, stored whole or not at all, read in portions. The service generates the keys at random."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Protocol

PORTION_BYTES = 64 * 1024  # of a file in memory at any moment
EMPTY_SHA256 = hashlib.sha256().digest()


class StoreFailed(Exception):
    """The store does not do what it should: a full disk, a bucket that is away."""


class Missing(StoreFailed):
    """Nothing lies under that key."""


@contextmanager
def failures() -> Iterator[None]:
    """Raises what the system reports as a failure of the store."""
    try:
        yield
    except FileNotFoundError as error:
        raise Missing(str(error)) from error
    except OSError as error:
        raise StoreFailed(str(error)) from error


class Draft(Protocol):
    """A file that is being written. Its bytes can be read back before `keep`."""

    @property
    def file(self) -> BinaryIO: ...

    def keep(self, sha256: bytes) -> None:
        """Stores it durably under its key. Raises StoreFailed."""

    def close(self) -> None:
        """Discards the file unless it was kept."""


class Store(Protocol):
    """Each call raises StoreFailed."""

    def draft(self, key: str) -> Draft: ...

    def read(self, key: str, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from start up to stop, in portions. Raises Missing at the call, StoreFailed also while reading."""

    def delete(self, key: str) -> None:
        """Deletes a file or a draft that was never kept. A key without either is no error."""


def check(store: Store) -> None:
    """Stores an empty file, and deletes it. Raises StoreFailed."""
    key = new_key()
    draft = store.draft(key)
    try:
        draft.keep(EMPTY_SHA256)
    finally:
        draft.close()
    store.delete(key)


def new_key() -> str:
    return secrets.token_hex(16)


def preview_key(key: str) -> str:
    """Derived from the file's key, so that a deletion finds a preview whose key is in no row yet."""
    return f"{key}-preview"
