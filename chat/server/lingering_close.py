"""The last answer on a connection whose request was not read to its end: the client still sends, and must get to read it.

A socket that is closed with bytes unread is reset, and the answer may be lost on its way (RFC 9112, 9.6)."""

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
    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        client = environ.get("gunicorn.socket")
        if client is not None:
            self.call_on_close(partial(_linger, client))
        answered = super().__call__(environ, start_response)
        if client is not None and answered is CLOSED:
            _linger(client)
        return answered


def _linger(client: socket.socket) -> None:
    """Takes what the client still sends, for a while, and throws it away."""
    left = LINGER_BYTES
    try:
        client.shutdown(socket.SHUT_WR)
        with gevent.Timeout(LINGER_SECONDS, TimeoutError):
            while left > 0 and (portion := client.recv(PORTION_BYTES)):
                left -= len(portion)
    except OSError:
        return  # it has gone, or sends on and on
