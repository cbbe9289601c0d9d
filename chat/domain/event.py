"""An event: one entry of the log. Its id is dense, global and in commit order; its frame is encoded once for all receivers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from chat.domain import sse

PostedKind = Literal["message", "file", "announcement"]  # what history lists
Kind = Literal[
    PostedKind, "join", "leave", "removed", "banned", "room_changed", "room_closed", "session_ended",
    "edited", "deleted", "reacted", "unreacted",
]  # fmt: skip
Channel = tuple[str, int]  # where an event is delivered: the kind of channel, and the id of its room or user

POSTED_KINDS: tuple[PostedKind, ...] = get_args(PostedKind)
MEMBERSHIP_KINDS = frozenset({"join", "leave", "removed", "banned"})
MESSAGE_CHANGE_KINDS = frozenset({"edited", "deleted", "reacted", "unreacted"})  # what changes a message later
ROOMS_SHARED = 4096  # half a megabyte a worker
CONTROL_KINDS = MEMBERSHIP_KINDS | {"room_closed", "session_ended"}  # they change who may read what


def room_channel(room_id: int) -> Channel:
    """What is posted in a room, and its joins and leaves."""
    return ("room", room_id)


def inbox_channel(user_id: int) -> Channel:
    """What others post directly to a user."""
    return ("inbox", user_id)


def conversations_channel(user_id: int) -> Channel:
    """Both sides of all direct conversations of a user."""
    return ("conversations", user_id)


def control_channel(user_id: int) -> Channel:
    """What changes a user's rights: the hub reads it, no client is subscribed to it."""
    return ("control", user_id)


def shared(channels: Sequence[Channel]) -> tuple[Channel, ...]:
    """One tuple for all streams that are subscribed to the same room only: there are many of them."""
    return _shared(channels[0]) if len(channels) == 1 and channels[0][0] == "room" else tuple(channels)


@lru_cache(maxsize=ROOMS_SHARED)
def _shared(channel: Channel) -> tuple[Channel, ...]:
    return (channel,)


@dataclass(frozen=True, slots=True)
class Event:
    """The routing of an event, and its encoded SSE frame.

    sender_id: also the user who joined, left or was removed, or whose session ended; for a change of a message, the message's sender;
    0 if there is nobody. about_id: the message that it changes or replies to. guarded: sent to those alone who may read that message."""

    id: int
    kind: Kind
    room_id: int | None
    sender_id: int
    recipient_id: int | None
    session_id: int | None
    frame: bytes
    about_id: int | None = None
    guarded: bool = False

    @property
    def reads_id(self) -> int:
        """The id that a subscriber must be allowed to read to receive this event."""
        return self.about_id if self.guarded and self.about_id is not None else self.id

    @property
    def data(self) -> bytes:
        """The event's JSON, as in the frame."""
        return sse.data_of(self.frame)

    @property
    def channels(self) -> tuple[Channel, ...]:
        if self.kind == "session_ended":
            return (control_channel(self.sender_id),)
        assert self.room_id is not None
        if self.recipient_id is not None:
            pair = (conversations_channel(self.sender_id), conversations_channel(self.recipient_id))
            return (room_channel(self.room_id), inbox_channel(self.recipient_id), *pair)
        if self.kind in MEMBERSHIP_KINDS:
            return (room_channel(self.room_id), control_channel(self.sender_id))
        return (room_channel(self.room_id),)
