"""A subscriber: one open response. It never sends an event that is not above its cursor.

There are two ways to write to one: straight to a socket taken over from the server, or through the generator of an
ordinary response. Only this module changes a subscriber; the others call its methods."""

import errno
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from time import monotonic
from typing import Protocol

from gevent.event import Event as GeventEvent
from gevent.queue import Queue

from chat.domain import sse
from chat.domain.close_reason import CloseReason
from chat.domain.event import ROOMS_SHARED, Channel
from chat.domain.payload import Payload, poll_reset, polled
from chat.live.epoll import EpollSet

BACKLOG_BYTES = 256 * 1024  # some 1,000 messages: a client this far behind is closed, and resumes
READS_ALL: Mapping[int, int] = {}  # one for all subscribers that read no ephemeral room
POLL_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nConnection: close\r\nContent-Length: %d\r\n%b\r\n"
)


class Registry(Protocol):
    """Where a subscriber is registered; it calls `forget` once, when it closes."""

    def forget(self, subscriber: "Subscriber") -> None: ...


@dataclass(frozen=True, slots=True)
class Subscription:
    """What the client asked for, fixed when the response opens.

    polls: a long poll, answered with the first payload. follows: subscribes to the rooms that its user joins.
    named: the rooms in the request, whether the user is a member or not."""

    polls: bool = False
    follows: bool = False
    named: tuple[Channel, ...] = ()

    @classmethod
    def shared(cls, polls: bool, follows: bool, named: tuple[Channel, ...]) -> "Subscription":
        """One object for all that ask for the same one room: an object for each stream would cost more than the three slots that it
        saves. User, session and address differ from stream to stream and stay slots of the subscriber."""
        return _shared(polls, follows, named) if len(named) <= 1 else cls(polls, follows, named)


@lru_cache(maxsize=ROOMS_SHARED)
def _shared(polls: bool, follows: bool, named: tuple[Channel, ...]) -> Subscription:
    return Subscription(polls, follows, named)


STREAM = Subscription()


class Subscriber:
    """What the hub knows of an open response.

    cursor: the last id of which everything was sent on it. fd: of a socket that may be written to directly, else -1.
    backlog: the bytes that the client has not taken yet. closed: why it was closed, or None.
    reads_above: by ephemeral room, the id above which its user may read."""

    __slots__ = (
        "_drained",
        "_registry",
        "address",
        "backlog",
        "channels",
        "closed",
        "cursor",
        "fd",
        "opened_at",
        "reads_above",
        "session_id",
        "slot",
        "subscription",
        "user_id",
    )

    def __init__(self, user_id: int, session_id: int, subscription: Subscription = STREAM, address: str = "") -> None:
        self.user_id = user_id
        self.session_id = session_id
        self.subscription = subscription
        self.address = address
        self.opened_at = monotonic()
        self.channels: tuple[Channel, ...] = ()
        self.reads_above = READS_ALL
        self.cursor = 0
        self.fd = -1
        self.slot = 0  # of the timer wheel
        self.backlog = 0
        self.closed: CloseReason | None = None
        self._drained: GeventEvent | None = None
        self._registry: Registry | None = None

    def register(self, registry: Registry, channels: tuple[Channel, ...], reads_above: Mapping[int, int]) -> None:
        self._registry = registry
        self.channels = channels
        self.reads_above = reads_above

    def schedule(self, slot: int) -> None:
        """Puts it into a slot of the timer wheel."""
        self.slot = slot

    def subscribe(self, channel: Channel, above: int) -> None:
        """Adds a room's channel, of which its user may read what comes above an id."""
        self.channels = (*self.channels, channel)
        self.reads_above = {**self.reads_above, channel[1]: above}

    def unsubscribe(self, channel: Channel) -> None:
        self.channels = tuple(other for other in self.channels if other != channel)

    def advance(self, cursor: int) -> None:
        """Everything up to this id was sent, or is not for this subscriber."""
        self.cursor = max(self.cursor, cursor)

    def send(self, payload: Payload) -> None:
        """Sends what is above the cursor: another worker, or a page from history, may have been ahead of this hub."""
        if self.cursor >= payload.first:
            newer = payload.after(self.cursor)
            if newer is None:
                return
            payload = newer
        self.cursor = payload.last
        if self.subscription.polls:
            self.answer(payload.poll)
        else:
            self.write(payload.sse)

    def complete_write(self, data: bytes, result: int) -> None:
        """Takes the result of writing data to `fd`: the bytes that the socket took, or a negative errno."""
        raise NotImplementedError

    def heartbeat(self, cursor: int) -> None:
        """Advances the cursor and tells the client; a client with a backlog is told by a later heartbeat."""
        self.advance(cursor)
        if not self.backlog and not self.subscription.polls:
            self.write(sse.heartbeat(self.cursor))

    def send_signal(self, frame: bytes) -> None:
        """Sends a frame that may be lost: not to a long poll, nor to a client with a backlog."""
        if not self.backlog and not self.subscription.polls and not self.closed:
            self.write(frame)

    def end(self, reason: CloseReason) -> None:
        """Closes it for good. A stream is told why; a long poll is answered with no events."""
        if self.subscription.polls:
            self.answer_empty()
        else:
            self.write(sse.end(reason))
            self.close(reason)

    def disconnect(self, retry_ms: int) -> None:
        """Closes it for now: the worker stops, or the client's rights are looked up again when it is back."""
        if self.subscription.polls:
            self.answer_empty()
        else:
            self.write(sse.bye(retry_ms))
            self.close(CloseReason.DRAIN)

    def step_back(self, cursor: int) -> None:
        """The record has lost what the client was sent after this cursor. Tells the client, whose stream goes on from here."""
        self.cursor = cursor
        if self.subscription.polls:
            self.answer(poll_reset(cursor))
        else:
            self.write(sse.reset(cursor))

    def answer_empty(self) -> None:
        """Answers a long poll with its cursor and no events."""
        self.answer(polled((), self.cursor))

    def answer(self, body: bytes) -> None:
        """Answers a long poll and closes it; a second answer does nothing."""
        raise NotImplementedError

    def write(self, data: bytes) -> None:
        """Sends or keeps the bytes without waiting. Closes a subscriber whose backlog passes BACKLOG_BYTES."""
        raise NotImplementedError

    def close(self, reason: CloseReason) -> None:
        """Closes it; a second call does nothing."""
        raise NotImplementedError

    def drain(self, seconds: float) -> None:
        """Waits until the backlog is gone, which may be larger meanwhile; closes a client that does not take it in that time."""
        if not self.backlog or self.closed:
            return
        self._drained = GeventEvent()
        if not self._drained.wait(seconds) and not self.closed:
            self.close(CloseReason.SLOW)
        self._drained = None

    def _is_slow(self, backlog: int) -> bool:
        return backlog > BACKLOG_BYTES and self._drained is None

    def _mark_closed(self, reason: CloseReason) -> None:
        self.closed = reason
        if self._registry is not None:
            self._registry.forget(self)
            self._registry = None

    def _notify_drained(self) -> None:
        if self._drained is not None:
            self._drained.set()


def advance_all(subscribers: Iterable[Subscriber], cursor: int) -> None:
    """Advances subscribers that are all behind the cursor. A method call for each would cost the fan-out 40 ns a subscriber."""
    for subscriber in subscribers:
        subscriber.cursor = cursor


class SocketSubscriber(Subscriber):
    """Owns a non-blocking socket by its descriptor; the hub writes to it without a greenlet between."""

    __slots__ = ("_epoll", "_unsent")

    poll_fields = b""  # more header lines of a long poll's answer

    def __init__(
        self, fd: int, epoll: EpollSet, user_id: int, session_id: int, subscription: Subscription = STREAM, address: str = ""
    ) -> None:
        super().__init__(user_id, session_id, subscription, address)
        self.fd = fd
        self._unsent = b""  # the bytes of the backlog
        self._epoll = epoll
        epoll.add(fd, self)

    def answer(self, body: bytes) -> None:
        if self.closed:
            return
        self.write(POLL_HEAD % (len(body), self.poll_fields) + body)
        if self.backlog:
            self._mark_closed(CloseReason.ANSWERED)  # is sent nothing more, and releases the socket when the rest is written
        else:
            self.close(CloseReason.ANSWERED)

    def write(self, data: bytes) -> None:
        if self.backlog:
            self._keep(self._unsent + data)
            return
        if self.closed:
            return
        try:
            result = os.write(self.fd, data)
        except OSError as failure:
            result = -(failure.errno or errno.EIO)
        self.complete_write(data, result)

    def complete_write(self, data: bytes, result: int) -> None:
        if result == -errno.EAGAIN:
            result = 0
        if result < 0:
            self.close(CloseReason.GONE)
        elif result < len(data):
            self._keep(data[result:])

    def _keep(self, rest: bytes) -> None:
        if self._is_slow(len(rest)):
            self.close(CloseReason.SLOW)
            return
        if not self.backlog:
            self._epoll.want_write(self.fd, True)
        self._set_unsent(rest)

    def _set_unsent(self, rest: bytes) -> None:
        self._unsent, self.backlog = rest, len(rest)

    def writable(self) -> None:
        """The socket takes bytes again."""
        try:
            sent = os.write(self.fd, self._unsent)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._release(CloseReason.GONE)
            return
        self._set_unsent(self._unsent[sent:])
        if self.backlog:
            return
        self._notify_drained()
        if self.closed:
            self._release(self.closed)
        else:
            self._epoll.want_write(self.fd, False)

    def hung_up(self) -> None:
        """The kernel reports that the client is gone."""
        self._release(CloseReason.GONE)

    def close(self, reason: CloseReason) -> None:
        if not self.closed:
            self._release(reason)

    def _release(self, reason: CloseReason) -> None:
        """Forgets the descriptor before it is closed: its number may be another client's in the next moment."""
        if self.fd < 0:
            return
        fd, self.fd = self.fd, -1
        self._mark_closed(reason)
        self._set_unsent(b"")
        self._epoll.remove(fd)
        os.close(fd)
        self._notify_drained()


class QueueSubscriber(Subscriber):
    """Read by an ordinary response if there is no socket to take over: TLS in the server itself, HTTP/2, a test client."""

    __slots__ = ("_chunks",)

    def __init__(self, user_id: int, session_id: int, subscription: Subscription = STREAM, address: str = "") -> None:
        super().__init__(user_id, session_id, subscription, address)
        self._chunks: Queue[bytes] = Queue()

    def answer(self, body: bytes) -> None:
        self.write(body)
        self.close(CloseReason.ANSWERED)

    def write(self, data: bytes) -> None:
        if self.closed:
            return
        if self._is_slow(self.backlog + len(data)):
            self.close(CloseReason.SLOW)
            return
        self.backlog += len(data)
        self._chunks.put(data)

    def close(self, reason: CloseReason) -> None:
        if not self.closed:
            self._mark_closed(reason)
            self._chunks.put(b"")
            self._notify_drained()

    def chunks(self) -> Iterator[bytes]:
        """What the response sends until it is closed; a client that goes away closes it."""
        try:
            while chunk := self._chunks.get():
                yield chunk
                self.backlog -= len(chunk)
                if not self.backlog:
                    self._notify_drained()
        finally:
            self.close(CloseReason.GONE)
            self.backlog = 0
