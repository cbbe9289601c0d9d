"""gunicorn's access log, for what gunicorn did not answer itself."""

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

access = logging.getLogger("gunicorn.access")


def keeps_access_log() -> bool:
    return bool(access.handlers)


def log_stream(environ: "WSGIEnvironment") -> None:
    """A line for a stream or a long poll that was handed over."""
    if keeps_access_log():
        address, path = environ.get("REMOTE_ADDR", "-"), environ.get("RAW_URI", environ["PATH_INFO"])
        access.info('%s "GET %s" 200 stream %r', address, path, environ.get("HTTP_USER_AGENT", "-"))
