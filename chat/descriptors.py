"""The descriptors of a process: each stream is one."""

import resource
import sys

RESERVED = 500  # for databases, files and requests, beside the streams
LEAST_STREAMS = 100  # a worker that could hold no more would refuse a handful of people


def raise_limit() -> None:
    """Takes all that the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def most_streams() -> int:
    """As many streams as this process may have descriptors for."""
    return _number(resource.getrlimit(resource.RLIMIT_NOFILE)[0]) - RESERVED


def too_few() -> str:
    """What keeps a worker that has raised its limit from serving, or nothing."""
    allowed = _number(resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    if allowed >= RESERVED + LEAST_STREAMS:
        return ""
    return f"a process may have only {allowed} open files, and {RESERVED + LEAST_STREAMS} are needed: raise the hard limit (ulimit -Hn)"


def _number(limit: int) -> int:
    return sys.maxsize if limit == resource.RLIM_INFINITY else limit
