"""The tail: the newest events in memory, without a hole, indexed by channel and bounded in number and bytes.

It holds every event above its floor and up to its head; what is older is history."""

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter

from chat.domain.event import MEMBERSHIP_KINDS, Channel, Event

TAIL_EVENTS = 20_000  # at 500 posts/s all of 40 s: longer than a deploy takes
TAIL_BYTES = 32 * 1024 * 1024  # the same in the memory of a small PaaS instance
EVENT_OVERHEAD = 300  # bytes that an event takes beside its frame: the objects and the index

_by_id = attrgetter("id")


class Tail:
    """Events above `floor`, up to `head`. Ids that are missing between the two have no row any more."""

    def __init__(self, head: int, most_events: int = TAIL_EVENTS, most_bytes: int = TAIL_BYTES) -> None:
        self.floor = head
        self.head = head
        self._most_events = most_events
        self._most_bytes = most_bytes
        self._bytes = 0
        self._events: deque[Event] = deque()
        self._channels: dict[Channel, deque[Event]] = {}

    def __iter__(self) -> Iterator[Event]:
        return iter(self._events)

    def __len__(self) -> int:
        return len(self._events)

    def extend(self, events: Iterable[Event]) -> None:
        """Takes events whose ids ascend from above the head."""
        for event in events:
            assert event.id > self.head
            self.head = event.id
            self._events.append(event)
            self._bytes += _size(event)
            for channel in event.channels:
                self._channels.setdefault(channel, deque()).append(event)
        self._trim()

    def advance(self, head: int) -> None:
        """Moves the head on: no event exists between the present head and this one."""
        self.head = max(self.head, head)

    def forget(self, channel: Channel, except_id: int) -> None:
        """Drops a channel's events except one, as if they had no row any more: floor, head and every cursor stay good.

        Changes of membership leave a silent entry."""
        dropped = [event for event in self._channels.get(channel, ()) if event.id != except_id]
        if not dropped:
            return
        silent = {event.id: _silent_entry(event) for event in dropped}
        self._bytes += sum(_size(entry) for entry in silent.values() if entry) - sum(map(_size, dropped))
        self._events = deque(_with_silent(self._events, silent))
        for touched in {other for event in dropped for other in event.channels}:
            self._channels[touched] = deque(event for event in _with_silent(self._channels[touched], silent) if touched in event.channels)
            if not self._channels[touched]:
                del self._channels[touched]

    def rewrite(self, channel: Channel, change: Callable[[Event], Event]) -> None:
        """Replaces each of a channel's events by what `change` returns for it; its id and channels stay."""
        for event in list(self._channels.get(channel, ())):
            changed = change(event)
            if changed is event:
                continue
            self._bytes += _size(changed) - _size(event)
            for events in (self._events, *(self._channels[other] for other in event.channels)):
                events[bisect_left(events, event.id, key=_by_id)] = changed

    def after(self, channels: Sequence[Channel], cursor: int, most: int) -> list[Event]:
        """The first `most` events above the cursor in any of the channels, in id order, each once."""
        newer: dict[int, Event] = {}
        for channel in channels:
            for event in self._newer(channel, cursor, most):
                newer[event.id] = event
        return sorted(newer.values(), key=_by_id)[:most]

    def _newer(self, channel: Channel, cursor: int, most: int) -> list[Event]:
        events = self._channels.get(channel)
        if not events or events[-1].id <= cursor:
            return []
        newer: list[Event] = []
        for event in reversed(events):
            if event.id <= cursor:
                break
            newer.append(event)
        newer.reverse()
        return newer[:most]

    def _trim(self) -> None:
        while len(self._events) > self._most_events or self._bytes > self._most_bytes:
            event = self._events.popleft()
            self.floor = event.id
            self._bytes -= _size(event)
            for channel in event.channels:
                self._forget_first(channel)

    def _forget_first(self, channel: Channel) -> None:
        events = self._channels[channel]
        events.popleft()
        if not events:
            del self._channels[channel]


def _with_silent(events: Iterable[Event], silent: Mapping[int, Event | None]) -> Iterator[Event]:
    """The events, each dropped one replaced by its silent entry, if it leaves one."""
    for event in events:
        entry = silent.get(event.id, event)
        if entry is not None:
            yield entry


def _silent_entry(event: Event) -> Event | None:
    """What a dropped change of membership leaves: an entry on its user's control channel alone, without a frame.

    A resume looks there for changes of its user's rights since the last look (`Hub.rights_changed`). Without the entry, a user who was
    removed from a room just before it ended would resume with the old rights. The kind is `session_ended` because those are on the
    control channel alone, and are never sent."""
    return replace(event, kind="session_ended", room_id=None, frame=b"") if event.kind in MEMBERSHIP_KINDS else None


def _size(event: Event) -> int:
    return len(event.frame) + EVENT_OVERHEAD
