"""Processes that may be gone between two looks at them."""

import psutil


def is_alive(process: psutil.Process) -> bool:
    """Not a zombie, which has ended and waits for its parent."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def words(process: psutil.Process) -> list[str]:
    """Its words; none when it is gone."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:  # A zombie is one too.
        return []
