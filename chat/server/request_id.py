"""The request's id: in the answer's head, in problems, and in every line that is logged meanwhile.

A trusted proxy may choose it, so that its log and ours can be read together. Anybody else gets a new one."""

import re
from collections.abc import Iterable
from random import getrandbits
from typing import TYPE_CHECKING, Any

from chat.loggers.lines import current_request
from chat.server.access_log import note_route

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HEADER = "X-Request-ID"
ID_BITS = 64  # unique, and no secret: the system's own random bits would take ten times as long
USABLE = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestIds:
    """Wraps an application. trusted: a proxy's choice holds."""

    def __init__(self, wsgi: "WSGIApplication", *, trusted: bool) -> None:
        self._wsgi = wsgi
        self._trusted = trusted

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        chosen = environ.get("HTTP_X_REQUEST_ID", "") if self._trusted else ""
        field = (HEADER, begin_request(chosen))

        def start(status: str, headers: list[tuple[str, str]], error: Any = None, /) -> Any:
            note_route(environ)
            return start_response(status, [*headers, field], error)

        return self._wsgi(environ, start)


def begin_request(chosen: str = "") -> str:
    """Returns the id of a request that begins in this greenlet."""
    request_id = chosen if chosen and USABLE.fullmatch(chosen) else f"{getrandbits(ID_BITS):016x}"
    current_request.set(request_id)
    return request_id


def header_line() -> str:
    """For an answer that does not pass through the server."""
    request_id = current_request.get()
    return f"{HEADER}: {request_id}\r\n" if request_id else ""
