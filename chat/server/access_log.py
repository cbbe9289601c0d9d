"""Writes gunicorn's access log for the streams that gunicorn does not answer itself."""

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

logger = logging.getLogger("gunicorn.access")


def keeps_access_log() -> bool:
    return bool(logger.handlers)


def log_stream(environ: "WSGIEnvironment") -> None:
    """A line for a stream or a long poll that was taken over."""
    if keeps_access_log():
        address, path = environ.get("REMOTE_ADDR", "-"), environ.get("RAW_URI", environ["PATH_INFO"])
        logger.info('%s "GET %s" 200 stream %r', address, path, environ.get("HTTP_USER_AGENT", "-"))
