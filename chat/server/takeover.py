"""The takeover: a subscriber takes the client's socket over from the server, whose greenlet ends; the response outlives its request.

If there is no socket to take over (TLS in the server itself, HTTP/2, a test client), an ordinary response reads from the subscriber."""

import logging
import os
import socket
import ssl
from collections.abc import Callable, Iterable
from sys import intern
from typing import TYPE_CHECKING, Any

import gevent
from flask import Response
from gunicorn.workers.base_async import ALREADY_HANDLED
from sqlalchemy.exc import SQLAlchemyError

from chat.descriptors import most_streams
from chat.domain.close_reason import CloseReason
from chat.domain.event import Channel
from chat.domain.refusals import Busy
from chat.live.epoll import EpollSet
from chat.live.subscriber import QueueSubscriber, SocketSubscriber, Subscriber, Subscription
from chat.problems import Unavailable
from chat.server import access_log
from chat.server.raw_problem import raw_problem
from chat.server.request_id import header_line
from chat.server.subscribers import LoggedSubscriber, PollSubscriber

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

logger = logging.getLogger(__name__)

STREAM_HEADERS = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
POLL_HEADERS = {"Content-Type": "application/json", "Cache-Control": "no-store"}
SEND_BUFFER = 128 * 1024  # bytes in the kernel for each client: room for events that are sent together, and a bound for one that is stuck


class Takeover(Response):
    """A response whose body is a subscriber. `start` sends what the client missed and registers the subscriber; it may wait in between."""

    def __init__(self, make: "SubscriberFactory", start: Callable[[Subscriber], None], epoll: EpollSet, *, polls: bool) -> None:
        super().__init__(headers=POLL_HEADERS if polls else STREAM_HEADERS)
        self._make = make
        self._start = start
        self._epoll = epoll
        self._polls = polls

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "HEAD":
            return super().__call__(environ, start_response)
        client = _client_socket(environ)
        if client is None:
            self._drive(self._make.queue())
            return super().__call__(environ, start_response)
        if len(self._epoll) >= most_streams():
            full = raw_problem(Unavailable("this worker holds as many streams as it can"))
            access_log.note_answer(environ, Unavailable.status, len(full))
            client.sendall(full)
            return _handled()
        environ[access_log.OUTCOME] = access_log.LATER
        subscriber = self._make.socket(_duplicate(client), self._epoll, environ)
        if not self._polls:
            subscriber.write(self._head())
        self._begin(subscriber)
        return _handled()

    def _begin(self, subscriber: Subscriber) -> None:
        """After the head is sent a failure can only close the stream: the client comes back with its cursor."""
        try:
            self._start(subscriber)
        except (SQLAlchemyError, Busy) as error:
            logger.warning("a stream could not be resumed: %s", error)
            subscriber.close(CloseReason.FAILED)
        except Exception:  # gunicorn would write an answer of its own into the open stream
            logger.exception("a stream could not be resumed")
            subscriber.close(CloseReason.FAILED)

    def _drive(self, subscriber: QueueSubscriber) -> None:
        gevent.spawn(self._begin, subscriber)
        self.response = subscriber.chunks()
        self.headers.pop("Content-Length", None)

    def _head(self) -> bytes:
        fields = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items() if name != "Content-Length")
        return f"HTTP/1.1 200 OK\r\n{header_line()}{fields}Connection: close\r\n\r\n".encode("latin-1")


class SubscriberFactory:
    """Makes the subscriber of a response, for either way of writing to it."""

    def __init__(self, user_id: int, session_id: int, *, polls: bool, follows: bool, named: tuple[Channel, ...], address: str) -> None:
        self._user_id = user_id
        self._session_id = session_id
        self._subscription = Subscription.shared(polls, follows, named)
        self._address = intern(address)  # many clients come from one address

    def socket(self, fd: int, epoll: EpollSet, environ: "WSGIEnvironment") -> SocketSubscriber:
        arguments = fd, epoll, self._user_id, self._session_id, self._subscription, self._address
        if access_log.is_on():
            return LoggedSubscriber(environ, *arguments)
        return PollSubscriber(*arguments) if self._subscription.polls else SocketSubscriber(*arguments)

    def queue(self) -> QueueSubscriber:
        return QueueSubscriber(self._user_id, self._session_id, self._subscription, self._address)


def _handled() -> Iterable[bytes]:
    """What tells gunicorn that the request was answered already; nothing iterates over it."""
    handled: Any = ALREADY_HANDLED
    return handled  # type: ignore[no-any-return]


def _client_socket(environ: "WSGIEnvironment") -> Any:
    client = environ.get("gunicorn.socket")
    if client is None or isinstance(client, ssl.SSLSocket) or not environ["SERVER_PROTOCOL"].startswith("HTTP/1."):
        return None
    return client


def _duplicate(client: Any) -> int:
    """A descriptor of our own for the socket: it stays open when the server closes its own."""
    if client.family != socket.AF_UNIX:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    fd = os.dup(client.fileno())
    os.set_blocking(fd, False)
    return fd
