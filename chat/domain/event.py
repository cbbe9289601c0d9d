"""An event: one entry of the log. Its id is dense, global and in commit order; its frame is encoded once for all who receive it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from chat.domain import sse
from chat.domain.shapes import MembershipChange, Message, RoomKind, RoomRef, SessionEnded, SessionRef, UserRef

Kind = Literal["message", "join", "leave", "session_ended"]
Channel = tuple[str, int]  # where an event is delivered to: what, and whose id

CONTROL_KINDS = frozenset({"join", "leave", "session_ended"})  # they change who may see what


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


@dataclass(frozen=True, slots=True)
class Event:
    """The routing of an event beside its encoded SSE frame. sender_id is also who joined, left, or whose session ended."""

    id: int
    kind: Kind
    room_id: int | None
    sender_id: int
    recipient_id: int | None
    session_id: int | None
    frame: bytes

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
        if self.kind == "message":
            return (room_channel(self.room_id),)
        return (room_channel(self.room_id), control_channel(self.sender_id))


@dataclass(frozen=True, slots=True)
class Record:
    """An event as the database has it, with the names that its JSON shows."""

    id: int
    kind: Kind
    room_id: int | None
    room_kind: RoomKind | None
    room_name: str | None
    sender_id: int
    sender_name: str
    recipient_id: int | None
    session_id: int | None
    text: str | None
    created_at: datetime


def encode(record: Record) -> Event:
    """The event of a record, its JSON and frame made here and nowhere else."""
    data = msgspec.json.encode(shape(record))
    return Event(
        record.id,
        record.kind,
        record.room_id,
        record.sender_id,
        record.recipient_id,
        record.session_id,
        sse.frame(record.id, record.kind, data),
    )


def shape(record: Record) -> Message | MembershipChange | SessionEnded:
    """What a client reads of it."""
    sender = UserRef(record.sender_id, record.sender_name)
    if record.kind == "session_ended":
        assert record.session_id is not None
        return SessionEnded(record.id, record.kind, sender, SessionRef(record.session_id), record.created_at)
    assert record.room_id is not None and record.room_kind is not None
    room = RoomRef(record.room_id, record.room_name, record.room_kind)
    if record.kind == "message":
        assert record.text is not None
        return Message(record.id, record.kind, room, sender, record.text, record.created_at)
    return MembershipChange(record.id, record.kind, room, sender, record.created_at)
