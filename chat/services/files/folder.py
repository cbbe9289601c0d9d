"""A folder as a store. Waits for the disk are in a thread. A file is on the disk when `keep` returns."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import gevent

from chat.services.files.store import PORTION_BYTES, StoreFailed, failures

PRIVATE = 0o700  # for the service's own user


class FolderDraft:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = _part_of(path)
        with failures():
            path.parent.mkdir(PRIVATE, parents=True, exist_ok=True)
            self.file: BinaryIO = self._part.open("w+b")

    def keep(self, sha256: bytes) -> None:  # noqa: ARG002 - a bucket checks it, a disk does not
        with failures():
            gevent.get_hub().threadpool.apply(self._keep)

    def _keep(self) -> None:
        self.file.flush()
        os.fsync(self.file.fileno())
        self._part.rename(self._path)
        _sync_folder(self._path.parent)

    def close(self) -> None:
        self.file.close()
        with failures():
            self._part.unlink(missing_ok=True)


class Folder:
    def __init__(self, root: Path) -> None:
        self._root = root

    def draft(self, key: str) -> FolderDraft:
        return FolderDraft(self._path(key))

    def read(self, key: str, start: int, stop: int) -> Iterator[bytes]:
        with failures():
            file = self._path(key).open("rb")
        file.seek(start)
        return _portions(file, stop - start)

    def delete(self, key: str) -> None:
        path = self._path(key)
        with failures():
            _part_of(path).unlink(missing_ok=True)  # first: a thread that is about to rename it then finds nothing
            path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        """In one of 256 folders, so that none grows too large to list."""
        return self._root / key[:2] / key


def _part_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _portions(file: BinaryIO, left: int) -> Iterator[bytes]:
    with file:
        while left > 0 and (portion := file.read(min(left, PORTION_BYTES))):
            left -= len(portion)
            yield portion
            gevent.sleep(0)  # a fast download must not keep other requests waiting
    if left > 0:
        raise StoreFailed(f"{file.name} ends {left} bytes early")


def _sync_folder(folder: Path) -> None:
    """Makes the file's name durable too, against a crash of the machine."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
