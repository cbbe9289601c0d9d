"""The access log: a line for each request when it is answered, and for each stream and long poll when it ends.

It holds no address, query, header or name: a route stands for the path, such as /room/<room>."""

import logging
from sys import intern
from time import monotonic
from typing import TYPE_CHECKING, Any

from chat.loggers import ACCESS

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

logger = logging.getLogger(ACCESS)

ROUTE = "chat.route"  # in the environment, because Flask forgets the request before the answer is complete
OUTCOME = "chat.outcome"  # likewise: status and bytes of an answer that gunicorn did not send, or LATER
LATER = (0, 0)  # the line is written when the stream ends
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

REQUEST = "%(method)s %(route)s %(status)s %(ms)d ms, %(bytes)s bytes"
STREAM = f"{REQUEST}, %(events)d events, %(reason)s"


def is_on() -> bool:
    return logger.isEnabledFor(logging.INFO)


def log_request(request: Any, environ: "WSGIEnvironment", response: Any) -> None:
    """request and response: gunicorn's. An answer that broke off has the status that it began with."""
    answered = environ.get(OUTCOME) or (getattr(response, "status_code", None), getattr(response, "sent", None))
    if answered == LATER or not is_on():
        return
    status, sent = answered
    fields = {"method": _method(request.method), "route": environ.get(ROUTE, "-"), "status": status, "bytes": sent}
    logger.info(REQUEST, fields | {"ms": _milliseconds(request.began_at)})


def note_route(environ: "WSGIEnvironment") -> None:
    if is_on():
        environ[ROUTE] = route_of(environ)


def note_answer(environ: "WSGIEnvironment", status: int, sent: int) -> None:
    """Of an answer that gunicorn does not send."""
    environ[OUTCOME] = status, sent
    note_route(environ)


def log_unreadable(status: int) -> None:
    """A request that is not HTTP."""
    if is_on():
        logger.info("a request that cannot be read, %(status)d", {"status": status})


def log_stream(request_id: str, route: str, opened_at: float, fields: dict[str, Any]) -> None:
    """fields: bytes, events and the close reason."""
    known = {"method": "GET", "route": route, "status": 200, "ms": _milliseconds(opened_at)}
    logger.info(STREAM, known | fields, extra={"request": request_id})


def route_of(environ: "WSGIEnvironment") -> str:
    """The template of the address, "-" if there is no such address."""
    rule = getattr(environ.get("werkzeug.request"), "url_rule", None)
    return intern(f"{environ.get('SCRIPT_NAME', '')}{rule.rule}") if rule is not None else "-"


def _method(name: str) -> str:
    return name if name in METHODS else "-"


def _milliseconds(began_at: float) -> int:
    return round((monotonic() - began_at) * 1000)
