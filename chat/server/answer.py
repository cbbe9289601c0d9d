"""A JSON answer that is written to the client's socket in one piece; the connection stays open.

gunicorn would look through the headers again and send head and body apart: a fifth of what a post costs its worker.
An unusual request is answered by gunicorn."""

import ssl
import time
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from wsgiref.handlers import format_date_time

from flask import Response
from gunicorn.workers.base_async import ALREADY_HANDLED
from werkzeug.datastructures import Headers

from chat.server.access_log import note_answer
from chat.server.request_id import header_line

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

JSON = "application/json"
ANSWERED: Any = object()  # tells the worker: answered already, and the connection stays open
CLOSED: Any = ALREADY_HANDLED  # answered already, and the connection closes


class Answer(Response):
    """Its headers are ready to send. Nothing may be cached: what an answer says of rooms and people is for the caller alone."""

    stopping = False  # the worker is stopping, so gunicorn answers, and closes the connections

    def __init__(self, body: bytes, status: int = 200, headers: Mapping[str, str] | None = None, content_type: str = JSON) -> None:
        super().__init__(body, status, content_type=content_type)
        self.headers.add("Cache-Control", "no-store")
        for name, value in (headers or {}).items():
            self.headers.add(name, value)

    def get_wsgi_headers(self, environ: "WSGIEnvironment") -> Headers:  # noqa: ARG002 - werkzeug would look for what is never there
        return self.headers

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        client = environ.get("gunicorn.socket")
        if client is None or self.stopping or not _is_usual(environ) or isinstance(client, ssl.SSLSocket):
            return super().__call__(environ, start_response)
        body = self.get_data()
        note_answer(environ, self.status_code, len(body))
        client.sendall(self._head() + body)
        return CLOSED if "Connection" in self.headers else ANSWERED  # type: ignore[no-any-return]

    def _head(self) -> bytes:
        keep = "" if "Connection" in self.headers else "Connection: keep-alive\r\n"
        fields = "".join([f"{name}: {value}\r\n" for name, value in self.headers])
        return f"HTTP/1.1 {self.status}\r\nDate: {_date(int(time.time()))}\r\n{keep}{header_line()}{fields}\r\n".encode("latin-1")


def _is_usual(environ: "WSGIEnvironment") -> bool:
    return bool(
        environ["SERVER_PROTOCOL"] == "HTTP/1.1"
        and environ["REQUEST_METHOD"] != "HEAD"
        and environ.get("HTTP_CONNECTION", "keep-alive").lower() == "keep-alive"
    )


@lru_cache(maxsize=1)
def _date(second: int) -> str:
    """In the form of RFC 9110, made once a second."""
    return format_date_time(second)
