"""Resume: sends a client what came after its cursor, from history while that is older than the tail, then from the tail, and registers it.

No other greenlet runs between the last read of the tail and the registration, so no event falls between the two."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from chat.domain import sse
from chat.domain.close_reason import CloseReason
from chat.domain.event import Event
from chat.domain.payload import Payload
from chat.domain.record import encode
from chat.live.fanout import JOINED_BYTES
from chat.live.hub import Hub
from chat.live.subscriber import READS_ALL, Subscriber
from chat.services import events
from chat.usecases.subscribe import Grant

PAGE_EVENTS = 500  # read at a time, however many a client is behind
DRAIN_SECONDS = 30.0  # a client that has not received a page by then is closed, and comes back with its cursor


@dataclass(frozen=True, slots=True)
class Page:
    """Events after a cursor. cursor: where to continue. final: the tail has nothing after it."""

    events: list[Event]
    cursor: int
    final: bool


def next_page(hub: Hub, reads: Engine, grant: Grant, cursor: int) -> Page:
    """The next page after the cursor. A final page was read without yielding to another greenlet."""
    if cursor < hub.tail.floor:
        return _from_history(hub, reads, grant, cursor)
    pending = hub.tail.after(grant.channels, cursor, PAGE_EVENTS)
    bounded = _bounded(pending)
    final = len(bounded) == len(pending) < PAGE_EVENTS
    return Page(grant.readable(bounded), max(cursor, hub.position) if final else bounded[-1].id, final)


def _from_history(hub: Hub, reads: Engine, grant: Grant, cursor: int) -> Page:
    position = hub.position  # no further: this worker does not know yet of events after it that change rights
    pending = [encode(record) for record in events.read_channels(reads, grant.channels, cursor, position, PAGE_EVENTS)]
    bounded = _bounded(pending)
    last = bounded[-1].id if bounded else cursor
    whole = len(bounded) == len(pending) < PAGE_EVENTS
    return Page(grant.readable(bounded), position if whole else last, final=False)


def _bounded(pending: list[Event]) -> list[Event]:
    """As many of the first events as a socket takes at once, at least one."""
    size = 0
    for count, event in enumerate(pending):
        size += len(event.frame)
        if size > JOINED_BYTES and count:
            return pending[:count]
    return pending


class Resume:
    """Brings one subscriber from its cursor to the present."""

    def __init__(self, hub: Hub, reads: Engine, subscriber: Subscriber, regrant: Callable[[], Grant | None]) -> None:
        self._hub = hub
        self._reads = reads
        self._subscriber = subscriber
        self._regrant = regrant

    def run(self, grant: Grant | None, cursor: int) -> None:
        """Sends everything after the cursor, then registers. Ends the subscriber if it loses its rights meanwhile."""
        subscriber = self._subscriber
        subscriber.advance(cursor)
        while not subscriber.closed:
            if grant is None:
                subscriber.end(CloseReason.NO_ACCESS)
                return
            if (valid := self._hub.epochs.valid(cursor)) != cursor:
                cursor = valid
                subscriber.step_back(valid)
                continue
            page = next_page(self._hub, self._reads, grant, cursor)
            if self._hub.rights_changed(subscriber.user_id, grant.as_of):
                grant = self._regrant()
                continue
            if page.events:
                subscriber.send(Payload(page.events))
                self._end_with_the_room(page.events)
            if subscriber.closed:
                return
            if page.final:
                self._join(grant)
                return
            cursor = page.cursor
            subscriber.advance(cursor)
            subscriber.drain(DRAIN_SECONDS)

    def _end_with_the_room(self, events: list[Event]) -> None:
        """A subscriber of one room gets no more events after the room's end. One that follows all of its rooms has others."""
        subscriber = self._subscriber
        if not subscriber.subscription.follows and not subscriber.closed and any(event.kind == "room_closed" for event in events):
            subscriber.end(CloseReason.ROOM_CLOSED)

    def _join(self, grant: Grant) -> None:
        if self._hub.draining:
            self._subscriber.disconnect(sse.RETRY_MS)
        else:
            self._hub.register(self._subscriber, grant.lasting(self._hub.position), grant.since or READS_ALL)
