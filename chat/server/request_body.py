"""A request's body. One that breaks off or is too large is an error, never taken for a shorter one."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import gevent
from gunicorn.http.errors import ParseException

from chat.domain.shapes.answers import FieldError
from chat.problems import BadInput, TooLarge

if TYPE_CHECKING:
    from _typeshed.wsgi import InputStream, WSGIEnvironment

BODY_SECONDS = 30.0  # a client that stops sending would keep its greenlet for ever
PORTION_BYTES = 64 * 1024  # of a body that is read in portions; a client that sends less than that in BODY_SECONDS counts as gone
CLOSE = {"Connection": "close"}  # the next request on the connection could not be told from the body


def read_body(environ: "WSGIEnvironment", most: int) -> bytes:
    """Raises TooLarge for more than `most` bytes, BadInput for a body that broke off."""
    try:
        with gevent.Timeout(BODY_SECONDS, TimeoutError("the rest of the body does not arrive")):
            return _read(environ["wsgi.input"], body_length(environ), most)
    except (OSError, ParseException):
        raise _broken() from None


def read_portions(environ: "WSGIEnvironment", most: int) -> Iterator[bytes]:
    """The body as it arrives, one portion in memory at a time. Raises as read_body does; an announced length is checked before."""
    length, size = body_length(environ), 0
    if length is not None and length > most:
        raise _too_large(most)
    while portion := _portion(environ, PORTION_BYTES if length is None else min(PORTION_BYTES, length - size)):
        size += len(portion)
        if size > most:
            raise _too_large(most)
        yield portion
    if length is not None and size < length:
        raise _broken()


def _portion(environ: "WSGIEnvironment", size: int) -> bytes:
    try:
        with gevent.Timeout(BODY_SECONDS, TimeoutError("the rest of the body does not arrive")):
            return environ["wsgi.input"].read(size) if size else b""
    except (OSError, ParseException):
        raise _broken() from None


def body_length(environ: "WSGIEnvironment") -> int | None:
    """The announced length. None for a chunked body, 0 if there is none."""
    announced = environ.get("CONTENT_LENGTH", "")
    if announced.isdecimal():
        return int(announced)
    return None if environ.get("wsgi.input_terminated") and "HTTP_TRANSFER_ENCODING" in environ else 0


def _read(stream: "InputStream", length: int | None, most: int) -> bytes:
    if length is not None and length > most:
        raise _too_large(most)
    needed = most + 1 if length is None else length
    body = b""
    while len(body) < needed and (part := stream.read(needed - len(body))):
        body += part
    if len(body) > most:
        raise _too_large(most)
    if length is not None and len(body) < length:
        raise _broken()
    return body


def _too_large(most: int) -> TooLarge:
    return TooLarge("", [FieldError("body", f"is larger than {most} bytes")], CLOSE)


def _broken() -> BadInput:
    return BadInput("the body broke off", [FieldError("body", "ended before it was whole")], CLOSE)
