"""Processes of a run: stopped and continued, limited, ended. Only those that the run started, by their ids."""

import os
import resource
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

import psutil

BETWEEN_LOOKS_SECONDS = 0.05

Thing = TypeVar("Thing")


class TooLate(Exception):
    """What was waited for did not happen within the deadline."""


def wait_for(check: Callable[[], Thing], within: float, what: str) -> Thing:
    """The first true result. Raises TooLate."""
    end = time.monotonic() + within
    while not (result := check()):
        if time.monotonic() > end:
            raise TooLate(f"{what}: not within {within:g} s")
        time.sleep(BETWEEN_LOOKS_SECONDS)
    return result


def family(pid: int) -> list[int]:
    """The process and all that it started, itself first."""
    try:
        top = psutil.Process(pid)
        return [pid, *(child.pid for child in top.children(recursive=True))]
    except psutil.NoSuchProcess:
        return []


def children(pid: int) -> list[int]:
    try:
        return [child.pid for child in psutil.Process(pid).children() if child.status() != psutil.STATUS_ZOMBIE]
    except psutil.NoSuchProcess:
        return []


@contextmanager
def stopped(pids: list[int]) -> Iterator[None]:
    """By SIGSTOP, for the time of the block."""
    send(pids, signal.SIGSTOP)
    try:
        yield
    finally:
        send(pids, signal.SIGCONT)


def send(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


@contextmanager
def limited(pid: int, what: int, value: int) -> Iterator[None]:
    """The soft limit of a running process, for the time of the block. what: RLIMIT_NOFILE, RLIMIT_AS."""
    soft, hard = resource.prlimit(pid, what)
    resource.prlimit(pid, what, (value, hard))
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            resource.prlimit(pid, what, (soft, hard))


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def address_space(pid: int) -> int:
    return int(psutil.Process(pid).memory_info().vms)


def resident(pids: list[int]) -> int:
    total = 0
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            total += psutil.Process(pid).memory_info().rss
    return total


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
