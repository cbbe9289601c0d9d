"""What goes over the wire as JSON: the shapes that requests are checked against, answers are made of and OpenAPI is generated from."""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

REFERENCE = "#/components/schemas/{name}"  # where OpenAPI keeps a shape


def ref(name: str) -> dict[str, str]:
    """A shape by its name, where msgspec cannot tell two of them apart."""
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


class Message(Struct, frozen=True):
    """A message, as in history, in a stream, and in the answer to its post."""

    id: int
    kind: Literal["message"]
    room: RoomRef
    sender: UserRef
    text: str
    created_at: datetime


class MembershipChange(Struct, frozen=True):
    """Somebody joined or left a room."""

    id: int
    kind: Literal["join", "leave"]
    room: RoomRef
    user: UserRef
    created_at: datetime


class SessionEnded(Struct, frozen=True):
    """A session was ended: a fact for the workers, which no client is sent."""

    id: int
    kind: Literal["session_ended"]
    user: UserRef
    session: SessionRef
    created_at: datetime


class User(Struct, frozen=True):
    id: int
    name: str
    created_at: datetime


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
    """A room as it is now; bytes counts the UTF-8 of its messages' text, age is in seconds, connections are open subscriptions."""

    id: int
    name: str | None
    kind: RoomKind
    owner: UserRef | None
    members: int
    connections: int
    messages: int
    bytes: int
    created_at: datetime
    age: float
    expires_at: datetime | None


class MessagePage(Struct, frozen=True):
    """Messages oldest first; cursor is where to go on: the newest id with after=, the oldest with before=."""

    messages: list[Message]
    cursor: int
    more: bool


class Polled(Struct, frozen=True):
    """The long poll's answer: events after the cursor that was sent, and the cursor for the next call."""

    events: Annotated[list[Any], Meta(extra_json_schema={"items": {"anyOf": [ref("Message"), ref("MembershipChange")]}})]
    cursor: int


class Credentials(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    password: str


class NewRoom(Struct, frozen=True, forbid_unknown_fields=True):
    name: str


class NewMessage(Struct, frozen=True, forbid_unknown_fields=True):
    text: str


class FieldError(Struct, frozen=True):
    field: str
    detail: str


class ProblemDocument(Struct, frozen=True, omit_defaults=True):
    """An error as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str
    errors: Annotated[list[FieldError], Meta(description="the fields that are wrong")] = []
