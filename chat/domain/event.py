"""An event: one entry of the log. Its id is dense, global and in commit order; its frame is encoded once for all who receive it."""

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
Channel = tuple[str, int]  # where an event is delivered to: what, and whose id

POSTED_KINDS: tuple[PostedKind, ...] = get_args(PostedKind)
MEMBERSHIP_KINDS = frozenset({"join", "leave", "removed", "banned"})
MESSAGE_CHANGE_KINDS = frozenset({"edited", "deleted", "reacted", "unreacted"})  # what happens to a message later
ROOMS_SHARED = 4096  # half a megabyte a worker
CONTROL_KINDS = MEMBERSHIP_KINDS | {"room_closed", "session_ended"}  # they change who may see what


def room_channel(room_id: int) -> Channel:
    """What is posted in a room, and who joins and leaves it."""
    return ("room", room_id)


def inbox_channel(user_id: int) -> Channel:
    """What others post directly to a user."""
    return ("inbox", user_id)


def conversations_channel(user_id: int) -> Channel:
    """Both sides of all direct conversations of a user."""
    return ("conversations", user_id)


def control_channel(user_id: int) -> Channel:
    """What changes a user's rights: read by the service, never sent."""
    return ("control", user_id)


def shared(channels: Sequence[Channel]) -> tuple[Channel, ...]:
    """One tuple for all who listen to one and the same room: of them there are many."""
    return _shared(channels[0]) if len(channels) == 1 and channels[0][0] == "room" else tuple(channels)


@lru_cache(maxsize=ROOMS_SHARED)
def _shared(channel: Channel) -> tuple[Channel, ...]:
    return (channel,)


@dataclass(frozen=True, slots=True)
class Event:
    """The routing of an event beside its encoded SSE frame. sender_id is also who joined, left, was removed, or whose session
    ended, and of what happens to a message the sender of that one; 0 where nobody is. about_id: the message that it corrects
    or answers. guarded: a correction of which only those may hear who read that message."""

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
        """The id that one must read to hear of it."""
        return self.about_id if self.guarded and self.about_id is not None else self.id

    @property
    def data(self) -> bytes:
        """The event's JSON, as it stands in the frame."""
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
