"""References to users, rooms, messages and files, which other shapes contain."""

from typing import Literal
from urllib.parse import quote

from msgspec import Struct

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


class MessageRef(Struct, frozen=True):
    id: int


class RoomId(Struct, frozen=True):
    id: int
