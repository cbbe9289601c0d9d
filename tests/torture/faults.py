"""Faults, one function each. Each leaves the servers in a state that they must recover from."""

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress

import psutil

from tests.torture.stage import Stage

Fault = Callable[[Stage, random.Random], None]


def worker_killed(stage: Stage, chance: random.Random) -> None:
    """As by the kernel when memory is short: what the worker had committed may not be in the log."""
    if pids := stage.server.worker_pids():
        _kill(chance.choice(pids))


def all_workers_killed(stage: Stage, chance: random.Random) -> None:
    """No worker is left with a tail."""
    for pid in stage.server.worker_pids():
        _kill(pid)


def workers_reloaded(stage: Stage, chance: random.Random) -> None:
    """A deploy: new workers beside the old ones, which close their streams."""
    stage.server.reload()


def worker_paused(stage: Stage, chance: random.Random) -> None:
    """A worker wakes up later than the others, with an old cursor of the log."""
    if pids := stage.server.worker_pids():
        _pause(chance.choice(pids), chance.uniform(0.3, 1.5))


def valkey_emptied(stage: Stage, chance: random.Random) -> None:
    """Redis dies and comes back with nothing."""
    stage.valkey.kill()
    _dwell(chance)
    stage.valkey.start()


def valkey_flushed(stage: Stage, chance: random.Random) -> None:
    """Somebody types FLUSHALL on the wrong server."""
    with stage.connect() as connection:
        connection.flushall()


def valkey_restarted(stage: Stage, chance: random.Random) -> None:
    """Redis dies and comes back with nearly all that it had."""
    kept = _contents(stage)
    valkey_emptied(stage, chance)
    _restore(stage, kept)


def valkey_rewound(stage: Stage, chance: random.Random) -> None:
    """Redis fails over to a replica that had fallen behind."""
    kept = _contents(stage)
    _dwell(chance)
    valkey_emptied(stage, chance)
    _restore(stage, kept)


def valkey_paused(stage: Stage, chance: random.Random) -> None:
    """Redis neither answers nor refuses."""
    _pause(stage.valkey.pid, chance.uniform(0.3, 2.0))


def connections_cut(stage: Stage, chance: random.Random) -> None:
    """Every connection to the database breaks, in whatever transaction it is."""
    stage.cut_connections()


FAULTS: dict[str, Fault] = {
    fault.__name__: fault
    for fault in (
        worker_killed,
        all_workers_killed,
        workers_reloaded,
        worker_paused,
        valkey_emptied,
        valkey_flushed,
        valkey_restarted,
        valkey_rewound,
        valkey_paused,
        connections_cut,
    )
}


def _contents(stage: Stage) -> dict[bytes, bytes]:
    with stage.connect() as connection:
        dumps = {key: connection.dump(key) for key in connection.scan_iter()}
    return {key: dump for key, dump in dumps.items() if dump is not None}


def _restore(stage: Stage, contents: dict[bytes, bytes]) -> None:
    """In one transaction: a server that loads its file shows nothing before it has loaded all."""
    with stage.connect() as connection, connection.pipeline(transaction=True) as step:
        for key, dump in contents.items():
            step.restore(key, 0, dump, replace=True)
        step.execute()


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _pause(pid: int, seconds: float) -> None:
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        process.suspend()
        time.sleep(seconds)
        process.resume()


def _dwell(chance: random.Random) -> None:
    """The time during which the fault lasts."""
    time.sleep(chance.uniform(0.1, 1.5))
