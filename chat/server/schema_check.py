"""The check at every start: the service serves on no database whose schema it does not know.

The master checks before it forks, so a refusal is one line. If the database is away, the service starts all the same, and each worker
checks as soon as it answers."""

import logging
import os
import sys

import gevent
from sqlalchemy.exc import SQLAlchemyError

from chat.server.worker import ChatWorker
from chat.services import migrations
from chat.services.database import one_connection
from chat.wiring import Service

logger = logging.getLogger(__name__)

CANNOT_BOOT = 3  # gunicorn's code of a worker that cannot: the master stops with the same
LOOK_SECONDS = 0.5


class SchemaCheck:
    """Set in the master before it forks, and so in every worker, also in one that starts later: its code is the same.

    refusal: a pipe with one byte. The worker that takes it refuses for all: gunicorn's master does not survive a second exit code 3."""

    is_done = False
    refusal: int


def check_at_start(database_url: str) -> None:
    """In the master."""
    try:
        migrations.check(one_connection(database_url))
        SchemaCheck.is_done = True
    except migrations.Unfit as error:
        sys.stderr.write(f"chat: {error}\n")
        sys.exit(CANNOT_BOOT)
    except SQLAlchemyError:
        logger.warning("the database does not answer: its schema is checked when it does")
        SchemaCheck.refusal = _one_byte()


def check_when_back(worker: ChatWorker, service: Service) -> None:
    """In a worker, if the master could not."""
    while not SchemaCheck.is_done:
        try:
            migrations.check(service.reads)
            SchemaCheck.is_done = True
        except migrations.Unfit as error:
            return _refuse(worker, error)
        except SQLAlchemyError:
            gevent.sleep(LOOK_SECONDS)
    return None


def _refuse(worker: ChatWorker, error: migrations.Unfit) -> None:
    try:
        os.read(SchemaCheck.refusal, 1)
    except BlockingIOError:  # Another worker has refused.
        return
    worker.log.critical("%s", error)
    os._exit(CANNOT_BOOT)


def _one_byte() -> int:
    readable, writable = os.pipe()
    os.set_blocking(readable, False)
    os.write(writable, b"1")
    return readable
