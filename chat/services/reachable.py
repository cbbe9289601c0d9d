"""Waiting for a database that is still starting, as it may be when a release command or a whole machine starts."""

from collections.abc import Callable
from time import monotonic

import gevent
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

PAUSE_SECONDS = 0.5


def wait_until_reachable(engine: Engine, seconds: float, on_wait: Callable[[OperationalError], None]) -> None:
    """Calls `on_wait` with the reason, once, if it has to wait. Raises OperationalError if the database does not answer in time."""
    deadline = monotonic() + seconds
    waits = False
    while (failure := _failure(engine)) is not None:
        if monotonic() + PAUSE_SECONDS > deadline:
            raise failure
        if not waits:
            on_wait(failure)
            waits = True
        gevent.sleep(PAUSE_SECONDS)


def _failure(engine: Engine) -> OperationalError | None:
    try:
        engine.connect().close()
    except OperationalError as failure:
        return failure
    return None
