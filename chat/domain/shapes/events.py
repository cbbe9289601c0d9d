"""The events of the log as clients receive them, and the data of signals."""

from datetime import datetime
from typing import Generic, Literal, TypeVar

from msgspec import UNSET, Struct, UnsetType

from chat.domain.event import Kind, PostedKind
from chat.domain.shapes.refs import FileRef, MessageRef, RoomId, RoomRef, SessionRef, UserRef

KindOfEvent = TypeVar("KindOfEvent", bound=Kind)


class Reply(Struct, frozen=True):
    """The message that a reply quotes: the first 200 characters of its current text, empty if it was deleted."""

    id: int
    sender: UserRef | None
    text: str


class Reaction(Struct, frozen=True):
    """An emoji, and the users who reacted with it, in the order of their reactions."""

    emoji: str
    users: list[UserRef]


class InRoom(Struct, Generic[KindOfEvent], frozen=True):
    """What every event in a room begins with."""

    id: int
    kind: KindOfEvent
    room: RoomRef


class Message(InRoom[PostedKind], frozen=True):
    """A message, as in history, in a stream, and in the answer to its post. One of kind `file` has a `file`, and its text may be empty.
    An `announcement` comes from the operator and has no sender. A deleted message has an empty text and no file.
    In history the last four fields are always present. Elsewhere a missing field is null, or an empty list."""

    sender: UserRef | None
    text: str
    created_at: datetime
    file: FileRef | UnsetType = UNSET
    reply_to: Reply | UnsetType | None = UNSET
    edited_at: datetime | UnsetType | None = UNSET
    deleted_at: datetime | UnsetType | None = UNSET
    reactions: list[Reaction] | UnsetType = UNSET


class EditedMessage(Struct, frozen=True):
    """A message's current text."""

    id: int
    text: str
    edited_at: datetime


class Edited(InRoom[Literal["edited"]], frozen=True):
    """A message was edited. A client that resumes may have received the new text before this event."""

    message: EditedMessage
    user: UserRef
    created_at: datetime


class Deleted(InRoom[Literal["deleted"]], frozen=True):
    """A message was deleted by its sender or the room's owner, with its text, its file and its reactions."""

    message: MessageRef
    user: UserRef
    created_at: datetime


class Reacted(InRoom[Literal["reacted", "unreacted"]], frozen=True):
    """A user reacted to a message, or took the reaction back. A client that resumes may know it from the message: apply it once."""

    message: MessageRef
    user: UserRef
    emoji: str
    created_at: datetime


class MembershipChange(InRoom[Literal["join", "leave", "removed", "banned"]], frozen=True):
    """A user joined or left a room, was removed or banned. members_only: only members read the room."""

    user: UserRef
    members_only: bool
    created_at: datetime


class RoomChanged(InRoom[Literal["room_changed"]], frozen=True):
    """The owner changed a room's name, topic, limit of members or end."""

    topic: str
    max_members: int | None
    expires_at: datetime | None
    created_at: datetime


class RoomClosed(InRoom[Literal["room_closed"]], frozen=True):
    """A room's last event. reason: expired, empty, owner or operator."""

    reason: str
    created_at: datetime


class SessionEnded(Struct, frozen=True):
    """A session was ended. Only workers receive this event. reason: signed_out, ended, banned or password_changed."""

    id: int
    kind: Literal["session_ended"]
    user: UserRef
    session: SessionRef
    reason: str
    created_at: datetime


EVENT_SHAPES = (Message, Edited, Deleted, Reacted, MembershipChange, RoomChanged, RoomClosed)  # in streams and long polls


class Typing(Struct, frozen=True):
    """The data of a `typing` frame: a user types in a room."""

    room: RoomRef
    user: UserRef


class Presence(Struct, frozen=True):
    """The data of a `presence` frame: a user became present in a room, or absent."""

    room: RoomId
    user: UserRef
    present: bool


class Read(Struct, frozen=True):
    """The data of a `read` frame: the user has read a room up to an event, on any device."""

    room: RoomRef
    read: int
    unread: int
    mentions: int
