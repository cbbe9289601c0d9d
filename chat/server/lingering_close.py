"""The lingering close: after an answer to a request that was not read to its end, the rest is read and dropped before the socket is closed.

A socket that is closed with unread bytes is reset, and the client may lose the answer (RFC 9112, 9.6)."""

import socket
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

import gevent

from chat.server.answer import CLOSED, Answer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LINGER_SECONDS = 5.0
LINGER_BYTES = 64 * 1024 * 1024
PORTION_BYTES = 64 * 1024


class LingeringClose(Answer):
    """The last answer on its connection."""

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        client = environ.get("gunicorn.socket")
        if client is not None:
            self.call_on_close(partial(_linger, client))
        response = super().__call__(environ, start_response)
        if client is not None and response is CLOSED:
            _linger(client)
        return response


def _linger(client: socket.socket) -> None:
    """Reads and drops what the client still sends, up to LINGER_SECONDS and LINGER_BYTES."""
    left = LINGER_BYTES
    try:
        client.shutdown(socket.SHUT_WR)
        with gevent.Timeout(LINGER_SECONDS, TimeoutError):
            while left > 0 and (portion := client.recv(PORTION_BYTES)):
                left -= len(portion)
    except OSError:
        return  # the client is gone, or does not stop sending
