"""A stored file as an answer: whole or in part (RFC 9110, 13 and 14), sent in portions."""

import errno
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Response
from werkzeug.http import parse_etags, parse_range_header

from chat.problems import WrongRange
from chat.services.files import StoreFailed

if TYPE_CHECKING:
    import socket

    from _typeshed.wsgi import WSGIEnvironment

logger = logging.getLogger(__name__)

STALL_SECONDS = 60.0  # a client that takes less than a portion in this time counts as gone
POLICY = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"  # what a browser's own viewer needs
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",  # kept by the browser, but asked for each time, because rights end
    "Accept-Ranges": "bytes",
}

Open = Callable[[int, int], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Download:
    """A file that the caller may read. etag: changes with its content. open: returns the bytes from one position up to another."""

    type: str
    size: int
    etag: str
    disposition: str
    open: Open


def download(environ: "WSGIEnvironment", file: Download) -> Response:
    """200, 206 or 304. Raises WrongRange, and what opening it raises."""
    headers = SAFE | {"ETag": f'"{file.etag}"', "Content-Disposition": file.disposition}
    if parse_etags(environ.get("HTTP_IF_NONE_MATCH")).contains_weak(file.etag):
        return Response(status=304, headers=headers, content_type=file.type)
    part = _part(environ, file)
    start, stop = part or (0, file.size)
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{file.size}"
    body = () if environ["REQUEST_METHOD"] == "HEAD" else _bounded(environ, file.open(start, stop))
    response = Response(body, 206 if part else 200, headers, content_type=file.type, direct_passthrough=True)
    response.content_length = stop - start
    return response


def _part(environ: "WSGIEnvironment", file: Download) -> tuple[int, int] | None:
    """The range that the request names, of this version of the file. None, for the whole file, if it names several or is malformed."""
    ranges = parse_range_header(environ.get("HTTP_RANGE"))
    if environ["REQUEST_METHOD"] != "GET" or ranges is None or ranges.units != "bytes" or len(ranges.ranges) != 1:
        return None
    condition = environ.get("HTTP_IF_RANGE")
    if condition is not None and not parse_etags(condition).is_strong(file.etag):
        return None
    if ranges.ranges[0][0] < -file.size < 0:
        return 0, file.size  # the last so many bytes of a file that has fewer
    part = ranges.range_for_length(file.size)
    if part is None:
        raise WrongRange("", headers={"Content-Range": f"bytes */{file.size}"})
    return part


def _bounded(environ: "WSGIEnvironment", portions: Iterator[bytes]) -> Iterator[bytes]:
    """Bounds the time that the client may take for each portion."""
    client = environ.get("gunicorn.socket")
    if client is None:
        return portions
    return _with_timeout(client, portions)


def _with_timeout(client: "socket.socket", portions: Iterator[bytes]) -> Iterator[bytes]:
    client.settimeout(STALL_SECONDS)
    try:
        yield from portions
    except StoreFailed as error:  # after the head is sent the connection can only break off: the client sees that bytes are missing
        logger.warning("a download broke off: %s", error)
        raise ConnectionResetError(errno.ECONNRESET, "the store failed") from error
    finally:
        client.settimeout(None)
