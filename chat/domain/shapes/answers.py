"""The bodies of answers."""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from chat.domain.shapes.events import EVENT_SHAPES, Message
from chat.domain.shapes.refs import RoomKind, RoomRef, UserRef, ref


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


class Polled(Struct, frozen=True):
    """The long poll's answer: the events after the request's cursor, and the cursor for the next request. reset: present and true if the
    request's cursor was of what the service has lost; what the client knows holds up to `cursor`."""

    events: Annotated[
        list[Any],
        Meta(extra_json_schema={"items": {"anyOf": [ref(shape.__name__) for shape in EVENT_SHAPES]}}),
    ]
    cursor: int
    reset: bool | UnsetType = UNSET


class MadeRef(Struct, frozen=True):
    """A room that a program created. GET on the url, with the same key, answers its name."""

    room: str
    url: str
    message: str


class MadeRoom(Struct, frozen=True):
    data: MadeRef


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
    request_id: Annotated[str, Meta(description="the X-Request-ID of the answer; the operator finds the request in the log by it")] = ""
