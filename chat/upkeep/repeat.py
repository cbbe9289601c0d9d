"""Repeats a worker's tasks as long as it serves, whatever is away meanwhile."""

import logging
from collections.abc import Callable

import gevent

from chat.live.hub import Hub

logger = logging.getLogger(__name__)

RETRY_SECONDS = 2.0  # after a failure: the database or Redis is away, and trying each moment would only fill the log


def repeat(hub: Hub, seconds: float, work: Callable[[], object]) -> None:
    """Does the work at once, and again so many seconds after it ended, until the worker drains."""
    gevent.spawn(_run, hub, seconds, work)


def _run(hub: Hub, seconds: float, work: Callable[[], object]) -> None:
    failing = False
    while not hub.draining:
        try:
            work()
            failing = False
        except Exception as error:  # noqa: BLE001 - whatever it is, the task must not stop for good
            logger.log(logging.DEBUG if failing else logging.WARNING, "%s failed, and is tried again: %s", work.__qualname__, error)
            failing = True
            gevent.sleep(RETRY_SECONDS)
        gevent.sleep(seconds)
