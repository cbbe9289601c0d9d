"""The bodies of requests. An unknown field is refused."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType


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
