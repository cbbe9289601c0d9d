"""A payload: events that are sent together, encoded once for all subscribers that receive exactly these."""

from collections.abc import Sequence

from chat.domain.event import Event

POLL_EVENTS = 500  # the most in one answer to a long poll


class Payload:
    """Some events in id order, at least one, as SSE bytes and as a long poll's body; each is made when it is first needed."""

    __slots__ = ("_poll", "_sse", "events", "first", "last")

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = events
        self.first = events[0].id
        self.last = events[-1].id
        self._sse: bytes | None = None
        self._poll: bytes | None = None

    @property
    def sse(self) -> bytes:
        if self._sse is None:
            self._sse = b"".join([event.frame for event in self.events])
        return self._sse

    @property
    def poll(self) -> bytes:
        if self._poll is None:
            events = self.events[:POLL_EVENTS]
            self._poll = polled(events, events[-1].id)
        return self._poll

    def after(self, cursor: int) -> "Payload | None":
        """The part above the cursor; None if there is nothing."""
        newer = [event for event in self.events if event.id > cursor]
        return Payload(newer) if newer else None


def polled(events: Sequence[Event], cursor: int) -> bytes:
    """The body of a long poll's answer, with the same JSON that the streams carry."""
    return b'{"events":[%s],"cursor":%d}' % (b",".join([event.data for event in events]), cursor)


def poll_reset(cursor: int) -> bytes:
    """The answer to a cursor of what was lost: the cursor up to which the client's events hold."""
    return b'{"events":[],"cursor":%d,"reset":true}' % cursor
