"""The shapes of JSON on the wire. Requests are checked against them, answers consist of them, and OpenAPI is generated from them."""

from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote

from msgspec import UNSET, Meta, Struct, UnsetType

from chat.domain.event import PostedKind

REFERENCE = "#/components/schemas/{name}"  # the place of a shape in OpenAPI


def ref(name: str) -> dict[str, str]:
    """Refers to a shape by its name, because msgspec cannot tell several shapes in one union apart."""
    return {"$ref": REFERENCE.format(name=name)}


RoomKind = Literal["open", "closed", "direct"]


class UserRef(Struct, frozen=True):
    id: int
    name: str


class RoomRef(Struct, frozen=True):
    id: int
    name: str | None
    kind: RoomKind


class SessionRef(Struct, frozen=True):
    id: int


class FileRef(Struct, frozen=True):
    """An uploaded file. size: in bytes. type: as detected from the content. url and preview_url: on this service."""

    id: int
    name: str
    size: int
    type: str
    url: str
    preview_url: str | None
    width: int | None
    height: int | None


def file_url(file_id: int, name: str) -> str:
    """The address of a file. The name is for people only: the id alone identifies the file."""
    return f"/api/v1/file/{file_id}/{quote(name, safe='')}"


def preview_url(file_id: int) -> str:
    return f"/api/v1/file/{file_id}/preview"


class Reply(Struct, frozen=True):
    """The message that a reply quotes: the first 200 characters of its current text, empty if it was deleted."""

    id: int
    sender: UserRef | None
    text: str


class Reaction(Struct, frozen=True):
    """An emoji, and the users who reacted with it, in the order of their reactions."""

    emoji: str
    users: list[UserRef]


class Message(Struct, frozen=True):
    """A message, as in history, in a stream, and in the answer to its post. One of kind `file` has a `file`, and its text may be empty.
    An `announcement` comes from the operator and has no sender. A deleted message has an empty text and no file.
    In history the last four fields are always present. Elsewhere a missing field is null, or an empty list."""

    id: int
    kind: PostedKind
    room: RoomRef
    sender: UserRef | None
    text: str
    created_at: datetime
    file: FileRef | UnsetType = UNSET
    reply_to: Reply | UnsetType | None = UNSET
    edited_at: datetime | UnsetType | None = UNSET
    deleted_at: datetime | UnsetType | None = UNSET
    reactions: list[Reaction] | UnsetType = UNSET


class MessageRef(Struct, frozen=True):
    id: int


class EditedMessage(Struct, frozen=True):
    """A message's current text."""

    id: int
    text: str
    edited_at: datetime


class Edited(Struct, frozen=True):
    """A message was edited. A client that resumes may have received the new text before this event."""

    id: int
    kind: Literal["edited"]
    room: RoomRef
    message: EditedMessage
    user: UserRef
    created_at: datetime


class Deleted(Struct, frozen=True):
    """A message was deleted by its sender or the room's owner, with its text, its file and its reactions."""

    id: int
    kind: Literal["deleted"]
    room: RoomRef
    message: MessageRef
    user: UserRef
    created_at: datetime


class Reacted(Struct, frozen=True):
    """A user reacted to a message, or took the reaction back. A client that resumes may know it from the message: apply it once."""

    id: int
    kind: Literal["reacted", "unreacted"]
    room: RoomRef
    message: MessageRef
    user: UserRef
    emoji: str
    created_at: datetime


class MembershipChange(Struct, frozen=True):
    """A user joined or left a room, was removed or banned. members_only: only members read the room."""

    id: int
    kind: Literal["join", "leave", "removed", "banned"]
    room: RoomRef
    user: UserRef
    members_only: bool
    created_at: datetime


class RoomChanged(Struct, frozen=True):
    """The owner changed a room's name, topic, limit of members or end."""

    id: int
    kind: Literal["room_changed"]
    room: RoomRef
    topic: str
    max_members: int | None
    expires_at: datetime | None
    created_at: datetime


class RoomClosed(Struct, frozen=True):
    """A room's last event. reason: expired, empty, owner or operator."""

    id: int
    kind: Literal["room_closed"]
    room: RoomRef
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


class User(Struct, frozen=True):
    """avatar_url: on this service, a new one for each new picture."""

    id: int
    name: str
    created_at: datetime
    about: str
    avatar_url: str | None


def avatar_url(user_id: int, version: int) -> str:
    return f"/api/v1/user/{user_id}/avatar?v={version}"


class Session(Struct, frozen=True):
    id: int
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    agent: str
    current: bool


class SignedIn(Struct, frozen=True):
    user: User
    token: str


class CurrentSession(Struct, frozen=True):
    user: User
    session: Session


class Room(Struct, frozen=True):
    """A room as it is now. bytes: the UTF-8 of its messages' text, and its files. age: in seconds. connections: open subscriptions.
    expires: "at" (at expires_at) or "when_empty" for an ephemeral room, null for one that stays.

    read: up to which event the caller has read, null if not a member. unread: messages of others above it. mentions: those of them
    with the caller's @name. Both count the newest 1,000 at most. newest: the id of the newest message, 0 for none."""

    id: int
    name: str | None
    kind: RoomKind
    topic: str
    owner: UserRef | None
    members: int
    max_members: int | None
    connections: int
    messages: int
    bytes: int
    created_at: datetime
    age: float
    expires: Literal["at", "when_empty"] | None
    expires_at: datetime | None
    joined: bool
    read: int | None
    unread: int
    mentions: int
    newest: int
    subscribe_url: str


class Last(Struct, frozen=True):
    """The newest message of a conversation, with its text cut short."""

    id: int
    sender: UserRef | None
    text: str
    created_at: datetime


class Conversation(Struct, frozen=True):
    """The caller's direct conversation with a user. id: of its room. The counts are as in Room."""

    room: RoomRef
    id: int
    user: UserRef
    read: int
    unread: int
    mentions: int
    newest: int
    last: Last


class CreatedRoom(Room, frozen=True):
    """A room that was just created. invite_key: of a closed room, shown only here."""

    invite_key: str | UnsetType = UNSET


class Invitation(Struct, frozen=True):
    """The invite key of a closed room. Any earlier key has ended."""

    invite_key: str


class Member(Struct, frozen=True):
    """present: has an open subscription that covers the room."""

    user: UserRef
    owner: bool
    present: bool


class Connect(Struct, frozen=True):
    """Everything that a client needs to connect. The subscribe URL serves both transports, from the cursor on."""

    room: Room
    subscribe_url: str
    transports: list[Literal["sse", "long-poll"]]
    cursor: int


class MessagePage(Struct, frozen=True):
    """Messages, oldest first. cursor: where to continue: the newest id with after=, the oldest otherwise. more: there are others in
    that direction. newer: there are newer ones."""

    messages: list[Message]
    cursor: int
    more: bool
    newer: bool


class Found(Struct, frozen=True):
    """A search result. snippet: a part of the message's text. marks: where the words are in it, as (start, stop) in characters
    (code points)."""

    message: Message
    snippet: str
    marks: list[tuple[int, int]]


class Results(Struct, frozen=True):
    """more: there are others after the last of these."""

    results: list[Found]
    more: bool


EVENT_SHAPES = ("Message", "Edited", "Deleted", "Reacted", "MembershipChange", "RoomChanged", "RoomClosed")  # in streams and long polls


class Polled(Struct, frozen=True):
    """The long poll's answer: the events after the request's cursor, and the cursor for the next request."""

    events: Annotated[
        list[Any],
        Meta(extra_json_schema={"items": {"anyOf": [ref(name) for name in EVENT_SHAPES]}}),
    ]
    cursor: int


class MadeRef(Struct, frozen=True):
    """A room that a program created. GET on the url, with the same key, answers its name."""

    room: str
    url: str
    message: str


class MadeRoom(Struct, frozen=True):
    data: MadeRef


class Credentials(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    password: str


class ProfilePatch(Struct, frozen=True, forbid_unknown_fields=True):
    """Changes to the caller's profile. A missing field stays as it is."""

    about: str | UnsetType = UNSET


class PasswordChange(Struct, frozen=True, forbid_unknown_fields=True):
    """password: the current one."""

    password: str
    new_password: str


class NewRoom(Struct, frozen=True, forbid_unknown_fields=True):
    """expires_in: hours, at most 24. Not with expires. A room with either one is ephemeral: it keeps no record of its messages."""

    name: str
    kind: Literal["open", "closed"] = "open"
    topic: str = ""
    max_members: int | None = None
    expires_in: float | None = None
    expires: Literal["when_empty"] | None = None


class RoomPatch(Struct, frozen=True, forbid_unknown_fields=True):
    """Changes to a room. A missing field stays as it is. expires_in: hours from now."""

    name: str | UnsetType = UNSET
    topic: str | UnsetType = UNSET
    max_members: int | UnsetType | None = UNSET
    expires_in: float | UnsetType = UNSET


class Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """invite_key: of a closed room."""

    invite_key: str = ""


class NewMessage(Struct, frozen=True, forbid_unknown_fields=True):
    """reply_to: the id of a message of the same room."""

    text: str
    reply_to: int | None = None


class MessagePatch(Struct, frozen=True, forbid_unknown_fields=True):
    text: str


class ReadUpTo(Struct, frozen=True, forbid_unknown_fields=True):
    """id: of the newest event that the caller has read."""

    id: Annotated[int, Meta(ge=0, le=2**63 - 1)]


class Typing(Struct, frozen=True):
    """The data of a `typing` frame: a user types in a room."""

    room: RoomRef
    user: UserRef


class RoomId(Struct, frozen=True):
    id: int


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


class FieldError(Struct, frozen=True):
    field: str
    detail: str


class ProblemDocument(Struct, frozen=True, omit_defaults=True):
    """An error, as in RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    errors: Annotated[list[FieldError], Meta(description="the fields that are wrong")] = []
