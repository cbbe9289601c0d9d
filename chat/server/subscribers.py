"""Subscribers that know their request: a long poll, and with the access log any."""

import fcntl
import socket
import struct
import termios
from typing import TYPE_CHECKING, Any

from gevent import monkey

from chat.domain.close_reason import CloseReason
from chat.domain.payload import Payload
from chat.live.subscriber import SocketSubscriber
from chat.loggers.lines import current_request
from chat.server.access_log import log_stream, route_of
from chat.server.request_id import header_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import WSGIEnvironment

    from chat.live.subscriber import Subscriber

plain_socket = monkey.get_original("socket", "socket")  # gevent's would make a watcher
BYTES_ACKED = struct.Struct("120xQ")  # tcpi_bytes_acked, since Linux 4.1


class PollSubscriber(SocketSubscriber):
    """A long poll that waits: the head of its answer is still to be written, with the id of its request."""

    __slots__ = ("poll_fields",)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.poll_fields = header_line().encode("latin-1")


class LoggedSubscriber(PollSubscriber):
    """Writes its access line when it ends. It counts its events and remembers its request, so it is used with the access log only."""

    __slots__ = ("_bytes_before", "_events", "_request_id", "_route")

    def __init__(self, environ: "WSGIEnvironment", *arguments: Any) -> None:
        super().__init__(*arguments)
        self._bytes_before = bytes_taken(self.fd)
        self._events = 0
        self._request_id = current_request.get()
        self._route = route_of(environ)

    def count(self, events: int) -> None:
        self._events += events

    def send(self, payload: Payload) -> None:
        if not self.closed:
            self.count(sum(event.id > self.cursor for event in payload.events))
        super().send(payload)

    def _release(self, reason: CloseReason) -> None:
        if self.fd < 0:
            return
        taken = bytes_taken(self.fd)
        sent = None if taken is None or self._bytes_before is None else taken - self._bytes_before
        super()._release(reason)
        log_stream(self._request_id, self._route, self.opened_at, {"bytes": sent, "events": self._events, "reason": reason})


def count_batch(batch: "Iterable[Subscriber]", payload: Payload) -> None:
    """The fan-out writes to a batch without calling each subscriber's `send`."""
    events = len(payload.events)
    for subscriber in batch:
        if isinstance(subscriber, LoggedSubscriber):
            subscriber.count(events)


def bytes_taken(fd: int) -> int | None:
    """The bytes that the kernel took for the client since the connection began: it counts them anyway. None for a UNIX socket."""
    client = plain_socket(socket.AF_INET, socket.SOCK_STREAM, fileno=fd)
    try:
        [acknowledged] = BYTES_ACKED.unpack(client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, BYTES_ACKED.size))
        [queued] = struct.unpack("i", fcntl.ioctl(fd, termios.TIOCOUTQ, b"\0" * 4))
    except OSError:
        return None
    finally:
        client.detach()
    return int(acknowledged + queued)
