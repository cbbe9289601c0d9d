"""Processes that may end between two looks at them."""

import psutil


def is_alive(process: psutil.Process) -> bool:
    """Whether it runs. A zombie has ended and waits for its parent."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def arguments(process: psutil.Process) -> list[str]:
    """Its arguments, or none if it has ended."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:  # A zombie is one too.
        return []
