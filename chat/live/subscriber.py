"""A subscriber: one open response, and what it is owed. It never takes an event that is not above its cursor.

There are two ways to write to one: straight to a socket taken over from the server, or through the generator of an
ordinary response."""

import errno
import os
from collections.abc import Iterator, Mapping
from time import monotonic
from typing import Protocol

from gevent.event import Event as GeventEvent
from gevent.queue import Queue

from chat.domain import sse
from chat.domain.close_reason import CloseReason
from chat.domain.event import Channel
from chat.domain.payload import Payload, polled
from chat.live.epoll import EpollSet

BACKLOG_BYTES = 256 * 1024  # some 1,000 messages: a client this far behind is closed, and resumes
NOWHERE: Mapping[int, int] = {}
ANSWER_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
)


class Registry(Protocol):
    """Where a subscriber is registered: told once when it closes."""

    def forget(self, subscriber: "Subscriber") -> None: ...


class Subscriber:
    """What the hub knows of an open response. cursor is the last id of which all was sent on it."""

    __slots__ = (
        "address",
        "backlog",
        "channels",
        "closed",
        "cursor",
        "drained",
        "fd",
        "follows",
        "named",
        "polls",
        "reads_above",
        "registry",
        "session_id",
        "since",
        "slot",
        "user_id",
    )

    def __init__(self, user_id: int, session_id: int, *, polls: bool = False, follows: bool = False) -> None:
        self.user_id = user_id
        self.session_id = session_id
        self.polls = polls  # a long poll: the first payload is its answer
        self.follows = follows  # takes up the rooms that its user joins
        self.named: tuple[Channel, ...] = ()  # rooms that it asked for, whether its user is a member or not
        self.channels: tuple[Channel, ...] = ()
        self.reads_above: Mapping[int, int] = NOWHERE  # the ids above which it reads ephemeral rooms
        self.cursor = 0
        self.fd = -1  # of a socket that may be written to directly
        self.since = monotonic()
        self.address = ""  # of the client
        self.slot = 0
        self.closed: CloseReason | None = None
        self.backlog: bytes | None = None
        self.drained: GeventEvent | None = None
        self.registry: Registry | None = None

    def send(self, payload: Payload) -> None:
        """Passes on what is above the cursor: another worker, or a page from history, may have been ahead of this hub."""
        if self.cursor >= payload.first:
            newer = payload.after(self.cursor)
            if newer is None:
                return
            payload = newer
        self.cursor = payload.last
        if self.polls:
            self.answer(payload.poll)
        else:
            self.write(payload.sse)

    def took(self, data: bytes, sent: int) -> None:
        """What came of sending data to `fd` with that of others: the bytes that the socket took, or a negative errno."""
        raise NotImplementedError

    def heartbeat(self, cursor: int) -> None:
        """Moves the client's cursor on; a client that is behind hears of it when it has caught up."""
        self.cursor = max(self.cursor, cursor)
        if self.backlog is None and not self.polls:
            self.write(sse.heartbeat(self.cursor))

    def whisper(self, frame: bytes) -> None:
        """Passes on what is lost without harm: not to a long poll, nor to a client that is behind."""
        if self.backlog is None and not self.polls and not self.closed:
            self.write(frame)

    def end(self, reason: CloseReason) -> None:
        """Closes it for good, and says why."""
        if self.polls:
            self.answer(polled((), self.cursor))
        else:
            self.write(sse.end(reason))
            self.close(reason)

    def dismiss(self, retry_ms: int) -> None:
        """Closes it for now: the worker stops, or its rights are looked up anew when it is back."""
        if self.polls:
            self.answer(polled((), self.cursor))
        else:
            self.write(sse.bye(retry_ms))
            self.close(CloseReason.DRAIN)

    def answer(self, body: bytes) -> None:
        """The one answer of a long poll."""
        raise NotImplementedError

    def write(self, data: bytes) -> None:
        """Sends or keeps the bytes, never waits; closes a subscriber whose backlog is over its bound."""
        raise NotImplementedError

    def close(self, reason: CloseReason) -> None:
        """Closes it; a second time does nothing. Whoever holds it finds `closed` set."""
        raise NotImplementedError

    def drain(self, seconds: float) -> None:
        """Waits until the backlog is gone; a client that does not take it in that time is closed."""
        if self.backlog is None or self.closed:
            return
        self.drained = GeventEvent()
        if not self.drained.wait(seconds) and not self.closed:
            self.close(CloseReason.SLOW)
        self.drained = None

    def _closed(self, reason: CloseReason) -> None:
        self.closed = reason
        if self.registry is not None:
            self.registry.forget(self)
            self.registry = None

    def _settled(self) -> None:
        if self.drained is not None:
            self.drained.set()


class SocketSubscriber(Subscriber):
    """Owns a non-blocking socket by its descriptor, to which the hub writes without a greenlet between."""

    __slots__ = ("_watch",)

    def __init__(self, fd: int, watch: EpollSet, user_id: int, session_id: int, *, polls: bool = False, follows: bool = False) -> None:
        super().__init__(user_id, session_id, polls=polls, follows=follows)
        self.fd = fd
        self._watch = watch
        watch.add(fd, self)

    def answer(self, body: bytes) -> None:
        self.write(ANSWER_HEAD % len(body) + body)
        self.polls = False
        if self.backlog is None:
            self.close(CloseReason.ANSWERED)
        else:
            self._closed(CloseReason.ANSWERED)  # takes nothing more, and goes when the rest is written

    def write(self, data: bytes) -> None:
        if self.backlog is not None:
            self._keep(self.backlog + data)
            return
        if self.closed:
            return
        try:
            sent = os.write(self.fd, data)
        except OSError as failure:
            sent = -(failure.errno or errno.EIO)
        self.took(data, sent)

    def took(self, data: bytes, sent: int) -> None:
        if sent == -errno.EAGAIN:
            sent = 0
        if sent < 0:
            self.close(CloseReason.GONE)
        elif sent < len(data):
            self._keep(data[sent:])

    def _keep(self, rest: bytes) -> None:
        if len(rest) > BACKLOG_BYTES and self.drained is None:
            self.close(CloseReason.SLOW)
            return
        if self.backlog is None:
            self._watch.want_write(self.fd, True)
        self.backlog = rest

    def writable(self) -> None:
        """The socket takes bytes again."""
        rest, self.backlog = self.backlog or b"", None
        try:
            sent = os.write(self.fd, rest)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._release(CloseReason.GONE)
            return
        self.backlog = rest[sent:] or None
        if self.backlog is not None:
            return
        self._settled()
        if self.closed:
            self._release(self.closed)
        else:
            self._watch.want_write(self.fd, False)

    def hung_up(self) -> None:
        """The kernel says that the client is gone."""
        self._release(CloseReason.GONE)

    def close(self, reason: CloseReason) -> None:
        if not self.closed:
            self._release(reason)

    def _release(self, reason: CloseReason) -> None:
        """The descriptor's number may be another client's in the next moment: nothing is ever written to it again."""
        if self.fd < 0:
            return
        fd, self.fd = self.fd, -1
        self._closed(reason)
        self.backlog = None
        self._watch.remove(fd)
        os.close(fd)
        self._settled()


class QueueSubscriber(Subscriber):
    """Driven by an ordinary response, where there is no socket to take over: TLS in the server itself, HTTP/2, a test client."""

    __slots__ = ("_bytes", "_chunks")

    def __init__(self, user_id: int, session_id: int, *, polls: bool = False, follows: bool = False) -> None:
        super().__init__(user_id, session_id, polls=polls, follows=follows)
        self._chunks: Queue[bytes] = Queue()
        self._bytes = 0

    def answer(self, body: bytes) -> None:
        self.write(body)
        self.polls = False
        self.close(CloseReason.ANSWERED)

    def write(self, data: bytes) -> None:
        if self.closed:
            return
        self._bytes += len(data)
        if self._bytes > BACKLOG_BYTES and self.drained is None:
            self.close(CloseReason.SLOW)
            return
        self.backlog = b"" if self._bytes else None
        self._chunks.put(data)

    def close(self, reason: CloseReason) -> None:
        if not self.closed:
            self._closed(reason)
            self._chunks.put(b"")
            self._settled()

    def chunks(self) -> Iterator[bytes]:
        """What the response sends, until it is closed; a client that goes away closes it."""
        try:
            while chunk := self._chunks.get():
                yield chunk
                self._bytes -= len(chunk)
                if not self._bytes:
                    self.backlog = None
                    self._settled()
        finally:
            self.close(CloseReason.GONE)
            self.backlog = None
