"""An event: one entry of the log. Its id is dense, global and in commit order; its frame is encoded once for all who receive it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from chat.domain import sse
from chat.domain.shapes import (
    FileRef,
    MembershipChange,
    Message,
    RoomChanged,
    RoomClosed,
    RoomKind,
    RoomRef,
    SessionEnded,
    SessionRef,
    UserRef,
    file_url,
    preview_url,
)

Kind = Literal["message", "file", "announcement", "join", "leave", "removed", "banned", "room_changed", "room_closed", "session_ended"]
Channel = tuple[str, int]  # where an event is delivered to: what, and whose id

POSTED_KINDS = frozenset({"message", "file", "announcement"})  # what history lists
MEMBERSHIP_KINDS = frozenset({"join", "leave", "removed", "banned"})
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


@dataclass(frozen=True, slots=True)
class Event:
    """The routing of an event beside its encoded SSE frame. sender_id is also who joined, left, was removed, or whose session
    ended; 0 where nobody is."""

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
        if self.kind in MEMBERSHIP_KINDS:
            return (room_channel(self.room_id), control_channel(self.sender_id))
        return (room_channel(self.room_id),)


@dataclass(frozen=True, slots=True)
class Record:
    """An event as the database has it, with what its JSON shows beside."""

    id: int
    kind: Kind
    room_id: int | None
    room_kind: RoomKind | None
    room_name: str | None
    sender_id: int | None
    sender_name: str | None
    recipient_id: int | None
    session_id: int | None
    text: str | None
    created_at: datetime
    reason: str | None = None
    members_only: bool = False
    topic: str = ""
    max_members: int | None = None
    expires_at: datetime | None = None
    file_id: int | None = None
    file_name: str | None = None
    file_type: str | None = None
    file_size: int | None = None
    file_preview: bool = False
    file_width: int | None = None
    file_height: int | None = None


def encode(record: Record) -> Event:
    """The event of a record, its JSON and frame made here and nowhere else."""
    data = msgspec.json.encode(shape(record))
    return Event(
        record.id,
        record.kind,
        record.room_id,
        record.sender_id or 0,
        record.recipient_id,
        record.session_id,
        sse.frame(record.id, record.kind, data),
    )


def shape(record: Record) -> Message | MembershipChange | RoomChanged | RoomClosed | SessionEnded:
    """What a client reads of it."""
    if record.kind == "session_ended":
        assert record.session_id is not None and record.reason is not None
        return SessionEnded(record.id, record.kind, _sender(record), SessionRef(record.session_id), record.reason, record.created_at)
    assert record.room_id is not None and record.room_kind is not None
    room = RoomRef(record.room_id, record.room_name, record.room_kind)
    if record.kind in POSTED_KINDS:
        return _message(record, room)
    if record.kind == "room_changed":
        return RoomChanged(record.id, record.kind, room, record.topic, record.max_members, record.expires_at, record.created_at)
    if record.kind == "room_closed":
        return RoomClosed(record.id, record.kind, room, record.reason or "", record.created_at)
    change = (record.id, record.kind, room, _sender(record), record.members_only, record.created_at)
    return MembershipChange(*change)  # type: ignore[arg-type] # the other kinds


def _message(record: Record, room: RoomRef) -> Message:
    assert record.text is not None
    sender = _sender(record) if record.sender_id is not None else None
    message = (record.id, record.kind, room, sender, record.text, record.created_at)
    return Message(*message, _file(record)) if record.kind == "file" else Message(*message)  # type: ignore[arg-type] # a posted kind


def _sender(record: Record) -> UserRef:
    assert record.sender_id is not None and record.sender_name is not None
    return UserRef(record.sender_id, record.sender_name)


def _file(record: Record) -> FileRef:
    assert record.file_id is not None and record.file_name is not None and record.file_type is not None and record.file_size is not None
    url = file_url(record.file_id, record.file_name)
    preview = preview_url(record.file_id) if record.file_preview else None
    return FileRef(
        record.file_id, record.file_name, record.file_size, record.file_type, url, preview, record.file_width, record.file_height
    )
