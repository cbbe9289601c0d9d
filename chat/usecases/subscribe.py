"""What a caller may subscribe to: the channels of a room, of an inbox, or of everything of the caller's.

The rights are checked again before each heartbeat."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Engine

from chat.domain.close_reason import CloseReason
from chat.domain.event import Channel, Event, conversations_channel, inbox_channel, room_channel
from chat.live.hub import Hub
from chat.live.subscriber import Subscriber
from chat.services import rooms, sessions
from chat.services.sessions import Identity
from chat.usecases.lookups import Lookups


@dataclass(frozen=True, slots=True)
class Selection:
    """What a client subscribes to: one room, its inbox, or everything of its own (follows) with some open rooms. since: see Grant."""

    rooms: tuple[int, ...] = ()
    inbox: bool = False
    follows: bool = False
    since: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class SubscriptionRequest:
    """A stream or a long poll as it was requested. The identity was looked up before everything else about it."""

    identity: Identity
    selection: Selection
    cursor: int | None

    def head(self, position: int) -> int:
        """The newest committed id when the session was looked up. The hub's position may be newer."""
        return max(self.identity.head, position)

    def valid_cursor(self, hub: Hub) -> int:
        """The request's cursor, or the newest one of a request without. If the record has lost what the cursor names, the last before
        that which holds; if it is beyond the newest id, that one."""
        head = self.head(hub.position)
        return head if self.cursor is None else min(hub.epochs.valid(self.cursor), head)


@dataclass(frozen=True, slots=True)
class Grant:
    """The channels that a caller may receive, as known at the event `as_of`. since: the ids above which it reads ephemeral rooms.
    closed: the last events of those of its rooms that have ended."""

    channels: tuple[Channel, ...]
    as_of: int
    since: Mapping[int, int] = field(default_factory=dict)
    closed: Mapping[Channel, int] = field(default_factory=dict)

    def readable(self, events: list[Event]) -> list[Event]:
        """The events that came since the caller joined."""
        if not self.since:
            return events
        return [event for event in events if event.reads_id > self.since.get(event.room_id or 0, 0)]

    def lasting(self, position: int) -> list[Channel]:
        """The channels that may have events after this one. A subscriber of a room that has ended would count as present in it."""
        return [channel for channel in self.channels if self.closed.get(channel, position + 1) > position]


class Grants:
    """Grants and renews. The first grant rests on what the request itself looked up."""

    def __init__(self, reads: Engine, lookups: Lookups, position: Callable[[], int]) -> None:
        self._reads = reads
        self._lookups = lookups
        self._position = position

    def grant(self, request: SubscriptionRequest) -> Grant:
        """For a caller whose session and rooms were just found good."""
        return self._grant(request.identity.user_id, request.selection, request.identity.head)

    def regrant(self, request: SubscriptionRequest) -> Grant | None:
        """None if the session is over or a requested room is no longer readable."""
        as_of, identity, selection = self._position(), request.identity, request.selection
        if identity.session_id not in sessions.alive(self._reads, [identity.session_id]):
            return None
        requested = {(identity.user_id, room_id) for room_id in selection.rooms}
        readable = rooms.readable(self._reads, requested) if requested else {}
        if readable.keys() != requested:
            return None
        since = tuple((room_id, above) for (_, room_id), above in readable.items() if above)
        return self._grant(identity.user_id, replace(selection, since=since), as_of)

    def _grant(self, user_id: int, selection: Selection, as_of: int) -> Grant:
        joined = self._lookups.joined(user_id) if selection.follows else []
        since = {room.room_id: room.since for room in joined if room.since} | dict(selection.since)
        closed = {room_channel(room.room_id): room.closed for room in joined if room.closed is not None}
        return Grant(tuple(_channels(user_id, selection, [room.room_id for room in joined])), as_of, since, closed)


def _channels(user_id: int, selection: Selection, joined: Iterable[int]) -> Iterable[Channel]:
    for room_id in dict.fromkeys((*selection.rooms, *joined)):
        yield room_channel(room_id)
    if selection.inbox:
        yield inbox_channel(user_id)
    if selection.follows:
        yield conversations_channel(user_id)


def lapsed(reads: Engine, subscribers: Collection[Subscriber]) -> dict[Subscriber, CloseReason]:
    """The subscribers whose session is over or who may no longer read a room, with the reason. Two queries for all of them."""
    alive = sessions.alive(reads, {subscriber.session_id for subscriber in subscribers})
    pairs = {(s.user_id, channel[1]) for s in subscribers for channel in s.channels if channel[0] == "room"}
    hidden = pairs - rooms.readable(reads, pairs, ended=True).keys() if pairs else set()  # `room_closed` ends the streams of a room
    ended = {s: CloseReason.SIGNED_OUT for s in subscribers if s.session_id not in alive}
    return {s: CloseReason.LEFT for s in subscribers if _has_one_of(s, hidden)} | ended


def _has_one_of(subscriber: Subscriber, hidden: Collection[tuple[int, int]]) -> bool:
    return bool(hidden) and any((subscriber.user_id, channel[1]) in hidden for channel in subscriber.channels if channel[0] == "room")
