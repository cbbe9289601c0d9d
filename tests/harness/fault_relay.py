"""A relay in front of a server that behaves as bad networks do: it withholds responses, and cuts connections."""

import enum
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

BACKLOG = 64
READ_BYTES = 65536


class Fault(enum.Enum):
    """What the relay withholds."""

    NONE = "none"
    STREAMS = "streams"  # whole streams, as a proxy does that waits for the end of a response
    BODIES = "bodies"  # of streams, all after the first portion, as when a connection dies unnoticed
    EVERYTHING = "everything"
    ONE_ANSWER = "one answer"  # the response to the next POST, which was executed; the connection is cut
    HALF_AN_ANSWER = "half an answer"  # half of the next response about messages; the connection is cut


class FaultRelay:
    """Listens on its own port. `fault` may be changed at any time, and applies to later requests."""

    def __init__(self, port: int, fault: Fault = Fault.NONE) -> None:
        self.fault = fault
        self.streams = 0
        self.lost_posts = 0  # posts whose response never arrives
        self._to = ("127.0.0.1", port)
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._open: set[socket.socket] = set()

    def cut(self) -> None:
        """Cuts all connections."""
        for each in list(self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                self._begin(Connection(self, client, socket.create_connection(self._to)))

    def _begin(self, connection: "Connection") -> None:
        self._open |= {connection.client, connection.server}
        for pump in (connection.requests, connection.answers):
            threading.Thread(target=pump, daemon=True).start()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.cut()


class Connection:
    """One client's connection."""

    def __init__(self, relay: FaultRelay, client: socket.socket, server: socket.socket) -> None:
        self.client = client
        self.server = server
        self._relay = relay
        self._keeps: Callable[[bytes], bytes] = bytes

    def requests(self) -> None:
        self._pump(self.client, self.server, self._seen)

    def answers(self) -> None:
        self._pump(self.server, self.client, self._kept)

    def _kept(self, data: bytes) -> bytes:
        return self._keeps(data)

    def _seen(self, data: bytes) -> bytes:
        """Reads the request, and decides what happens to its response."""
        is_stream = b"accept: text/event-stream" in data.lower()
        self._relay.streams += is_stream
        fault = self._relay.fault
        if is_stream and fault is Fault.STREAMS:
            self._keeps = lambda _: b""
        elif fault is Fault.EVERYTHING:
            self._relay.lost_posts += data.startswith(b"POST")
            self._keeps = lambda _: b""
        elif is_stream and fault is Fault.BODIES:
            self._keeps = self._first_only
        elif data.startswith(b"POST") and fault is Fault.ONE_ANSWER:
            self._relay.fault = Fault.NONE
            self._keeps = self._cut
        elif fault is Fault.HALF_AN_ANSWER and b"/messages" in data.partition(b"\r\n")[0]:
            self._relay.fault = Fault.NONE
            self._keeps = self._halved
        return data

    def _first_only(self, data: bytes) -> bytes:
        self._keeps = lambda _: b""
        return data

    def _halved(self, data: bytes) -> bytes:
        """Passes the head and half of the body."""
        body = data.partition(b"\r\n\r\n")[2] if data.startswith(b"HTTP/") else data
        if body:
            self.server.shutdown(socket.SHUT_RDWR)
        return data[: len(data) - (len(body) + 1) // 2]

    def _cut(self, _: bytes) -> bytes:
        raise OSError

    def _pump(self, source: socket.socket, target: socket.socket, through: Callable[[bytes], bytes]) -> None:
        try:
            while data := source.recv(READ_BYTES):
                target.sendall(through(data))
        except OSError:
            pass
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
