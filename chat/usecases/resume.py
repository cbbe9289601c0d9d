"""Resume: what a client is owed after its cursor, from history while that is older than the tail, then from the tail;
and with that the registration.

Between the last look at the tail and the registration nobody else runs, so nothing falls between the two."""

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

PAGE_EVENTS = 500  # read at a time, however much a client is owed
DRAIN_SECONDS = 30.0  # a client that has not taken a page by then is closed, and comes back with its cursor


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what is owed; cursor is where to go on, final that the tail has nothing after it."""

    events: list[Event]
    cursor: int
    final: bool


def next_page(hub: Hub, reads: Engine, grant: Grant, cursor: int) -> Page:
    """What comes next after the cursor. A final page was found without giving way to anybody."""
    if cursor < hub.tail.floor:
        return _from_history(hub, reads, grant, cursor)
    owed = hub.tail.after(grant.channels, cursor, PAGE_EVENTS)
    taken = _bounded(owed)
    final = len(taken) == len(owed) < PAGE_EVENTS
    return Page(grant.readable(taken), max(cursor, hub.position) if final else taken[-1].id, final)


def _from_history(hub: Hub, reads: Engine, grant: Grant, cursor: int) -> Page:
    position = hub.position  # no further: what changes rights after it this worker has not heard of
    owed = [encode(record) for record in events.owed(reads, grant.channels, cursor, position, PAGE_EVENTS)]
    taken = _bounded(owed)
    last = taken[-1].id if taken else cursor
    whole = len(taken) == len(owed) < PAGE_EVENTS
    return Page(grant.readable(taken), position if whole else last, final=False)


def _bounded(owed: list[Event]) -> list[Event]:
    """As many of them as a socket takes at once, at least one."""
    size = 0
    for count, event in enumerate(owed):
        size += len(event.frame)
        if size > JOINED_BYTES and count:
            return owed[:count]
    return owed


class Resume:
    """Brings one subscriber from its cursor to the present."""

    def __init__(self, hub: Hub, reads: Engine, subscriber: Subscriber, regrant: Callable[[], Grant | None]) -> None:
        self._hub = hub
        self._reads = reads
        self._subscriber = subscriber
        self._regrant = regrant

    def run(self, grant: Grant | None, cursor: int) -> None:
        """Sends everything after the cursor and registers; ends the subscriber if its right goes away meanwhile."""
        subscriber = self._subscriber
        subscriber.advance(cursor)
        while not subscriber.closed:
            if grant is None:
                subscriber.end(CloseReason.NO_ACCESS)
                return
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

    def _end_with_the_room(self, sent: list[Event]) -> None:
        """Whoever follows all of its rooms has others; of a room alone nothing comes any more."""
        subscriber = self._subscriber
        if not subscriber.subscription.follows and not subscriber.closed and any(event.kind == "room_closed" for event in sent):
            subscriber.end(CloseReason.ROOM_CLOSED)

    def _join(self, grant: Grant) -> None:
        if self._hub.draining:
            self._subscriber.disconnect(sse.RETRY_MS)
        else:
            self._hub.register(self._subscriber, grant.lasting(self._hub.position), grant.since or READS_ALL)
