"""The PostgreSQL and the Valkey of a run: started from the wheels, or the servers that the tester names."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from chat.embedded import Postgres, Valkey
from tests.harness.keyspaces import Keyspaces

Backend = TypeVar("Backend", Postgres, Valkey)

MEMORY = Path("/dev/shm")
MEMORY_BYTES = 4 * 1024**3  # several runs at a time, each with a write-ahead log


@contextmanager
def postgres_url() -> Iterator[str]:
    """TEST_DATABASE_URL, or a server for this run alone."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
        return
    with short_folder() as folder, running(Postgres(folder / "postgres", durable=False)) as server:
        yield server.url


@contextmanager
def redis_url() -> Iterator[str]:
    """TEST_REDIS_URL, or a server for this run alone."""
    if url := os.environ.get("TEST_REDIS_URL"):
        yield url
        return
    with own_valkey() as server:
        yield server.url


@contextmanager
def redis_of_one_server(keyspaces: Keyspaces) -> Iterator[str]:
    """A Redis for one server, and not just a number on the shared one if possible: pub/sub channels are the same in all numbers."""
    if os.environ.get("TEST_REDIS_URL"):
        url = keyspaces.take()
        yield url
        keyspaces.give_back(url)
        return
    with own_valkey() as server:
        yield server.url


@contextmanager
def own_valkey() -> Iterator[Valkey]:
    """A Valkey that a test may stop, kill and empty."""
    with short_folder() as folder, running(Valkey(folder / "valkey", durable=False)) as server:
        yield server


@contextmanager
def paused(valkey: Valkey) -> Iterator[None]:
    """It accepts connections and does not answer inside the block."""
    os.kill(valkey.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(valkey.pid, signal.SIGCONT)


@contextmanager
def running(server: Backend) -> Iterator[Backend]:
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def short_folder() -> Iterator[Path]:
    """A UNIX socket's path must be shorter than 108 bytes, and pytest's folders are longer.

    In memory if there is enough: a new database is 300 new files, which take ext4 0.4 s if others were just removed."""
    with tempfile.TemporaryDirectory(prefix="chat-", dir=MEMORY if _has_memory() else None) as folder:
        yield Path(folder)


def _has_memory() -> bool:
    return MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_BYTES
