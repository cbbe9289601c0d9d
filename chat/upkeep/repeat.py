"""Repeats a worker's tasks as long as it serves, whatever is away meanwhile."""

import logging
from collections.abc import Callable

import gevent
from redis import RedisError
from sqlalchemy.exc import SQLAlchemyError

from chat.live.hub import Hub
from chat.services.files import StoreFailed

logger = logging.getLogger(__name__)

RETRY_SECONDS = 2.0  # after a failure
AWAY = (SQLAlchemyError, RedisError, StoreFailed)


def repeat(hub: Hub, seconds: float, work: Callable[[], object]) -> None:
    """Does the work at once, and again so many seconds after it ended, until the worker drains."""
    gevent.spawn(_run, hub, seconds, work)


def _run(hub: Hub, seconds: float, work: Callable[[], object]) -> None:
    while not hub.draining:
        try:
            work()
        except AWAY as error:
            logger.warning("%s failed, and is tried again: %s", work.__qualname__, error)
            gevent.sleep(RETRY_SECONDS)
        except Exception:  # whatever it is, the task must not stop for good
            logger.exception("%s failed, and is tried again", work.__qualname__)
            gevent.sleep(RETRY_SECONDS)
        gevent.sleep(seconds)
