"""Processes as the kernel sees them: children, memory, processor time."""

import os
from pathlib import Path


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def descendants(pid: int) -> list[int]:
    below = children(pid)
    return below + [deeper for child in below for deeper in descendants(child)]


def memory_kilobytes(pids: list[int]) -> int:
    """Anonymous memory of the processes, swapped out or not. A page that a worker shares with gunicorn's master counts whole:
    it exists already, and a worker that writes to it and gets its own copy has not spent it on a stream."""
    return sum(_written(pid) for pid in pids)


def _written(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Anonymous:", "Swap:")))


def open_descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def processor_seconds(pids: list[int]) -> float:
    """User and system time of all of them. A process that has ended counts as zero."""
    return sum(_ticks(pid) for pid in pids) / os.sysconf("SC_CLK_TCK")


def machine_seconds() -> float:
    """User and system time of all processors and all programs. Interrupts and time stolen by the host are not in it."""
    user, nice, system = Path("/proc/stat").read_text().split()[1:4]
    return (int(user) + int(nice) + int(system)) / os.sysconf("SC_CLK_TCK")


def _ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(fields[11]) + int(fields[12])
