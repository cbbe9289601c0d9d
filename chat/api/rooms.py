"""Rooms: creating, listing, changing and ending them, and finding one that the caller may use."""

from dataclasses import asdict
from datetime import UTC, datetime

from flask import Blueprint, Response
from msgspec import UNSET, structs

from chat.api import auth, query
from chat.api.auth import service
from chat.api.operation import Operation, answer, checked, compressed, here
from chat.domain import validation
from chat.domain.shapes.answers import Connect, CreatedRoom, Invitation, Room
from chat.domain.shapes.refs import RoomRef, UserRef
from chat.domain.shapes.requests import NewRoom, RoomPatch
from chat.problems import BadInput, Gone, NotFound, NotJoined, NotOwner, Taken
from chat.services import rooms
from chat.services.rooms import RoomChange, RoomRow, RoomSpec
from chat.services.unread import Reader

blueprint = Blueprint("rooms", __name__)

OWNERS = (BadInput, NotFound, NotOwner, Gone)


@Operation(
    blueprint,
    "The open rooms, and those that the caller is a member of",
    "GET",
    "/rooms",
    {200: list[Room]},
    parameters=(query.NAME, query.LIMIT, query.AFTER),
    problems=(BadInput,),
)
def list_rooms() -> Response:
    most = query.limit()
    listed = _shapes(rooms.page(service().reads, reader(), query.name(), query.bound("after") or 0, most + 1))
    return compressed(listed[:most], headers=query.next_page(listed, most))


@Operation(
    blueprint,
    "Create a room; the caller owns it and is its first member",
    "POST",
    "/rooms",
    {201: CreatedRoom},
    NewRoom,
    problems=(BadInput, Taken),
)
def create_room(body: NewRoom) -> Response:
    room_id, invite_key = service().rooms.create(_spec(body))
    room = CreatedRoom(**structs.asdict(_room(str(room_id))), invite_key=invite_key or UNSET)
    return answer(room, 201, {"Location": here(f"/room/{room_id}")})


def _spec(body: NewRoom) -> RoomSpec:
    if body.expires_in is not None and body.expires is not None:
        raise BadInput.of("expires", "does not go with expires_in")
    return RoomSpec(
        name=checked("name", validation.room_name, body.name),
        owner_id=auth.caller().user_id,
        kind=body.kind,
        topic=checked("topic", validation.topic, body.topic),
        max_members=None if body.max_members is None else checked("max_members", validation.max_members, body.max_members),
        expires="at" if body.expires_in is not None else body.expires,
        hours=None if body.expires_in is None else checked("expires_in", validation.hours, body.expires_in),
    )


@Operation(blueprint, "A room as it is now", "GET", "/room/{room}", {200: Room}, problems=(NotFound, Gone))
def get_room(room: str) -> Response:
    return answer(_room(room))


@Operation(
    blueprint,
    "Change a room: its name, topic, limit of members, and its end if it ends by the clock, within 24 hours of its creation",
    "PATCH",
    "/room/{room}",
    {200: Room},
    RoomPatch,
    problems=(*OWNERS, Taken),
)
def change_room(room: str, body: RoomPatch) -> Response:
    room_id, change = owned_room(room).id, _change(body)
    if change == RoomChange():
        raise BadInput.of("body", "changes nothing")
    service().rooms.change(room_id, change)
    return answer(_room(str(room_id)))


def _change(body: RoomPatch) -> RoomChange:
    return RoomChange(
        name=None if body.name is UNSET else checked("name", validation.room_name, body.name),
        topic=None if body.topic is UNSET else checked("topic", validation.topic, body.topic),
        max_members=checked("max_members", validation.max_members, body.max_members) if isinstance(body.max_members, int) else None,
        changes_max_members=body.max_members is not UNSET,
        hours=None if body.expires_in is UNSET else checked("expires_in", validation.hours, body.expires_in),
    )


@Operation(
    blueprint, "End a room: its streams end, and its messages and files are deleted", "DELETE", "/room/{room}", {204: None}, problems=OWNERS
)
def end_room(room: str) -> None:
    service().rooms.close(owned_room(room).id, "owner")


@Operation(
    blueprint,
    "Create a new invite key for a closed room. The old one ends",
    "POST",
    "/room/{room}/invite",
    {201: Invitation},
    problems=OWNERS,
)
def renew_invite(room: str) -> Response:
    return answer(Invitation(service().rooms.renew_invite(owned_room(room))), 201)


@Operation(
    blueprint,
    "Everything that a client needs to connect to a room",
    "GET",
    "/connect/{room}",
    {200: Connect},
    problems=(NotFound, NotJoined, Gone),
)
def connect(room: str) -> Response:
    readable_room(room)
    shape = _room(room)
    return answer(Connect(shape, shape.subscribe_url, ["sse", "long-poll"], auth.caller().head))


def find_room(reference: str) -> RoomRef:
    """By id or name. Raises NoSuchRoom, RoomEnded."""
    return service().room_access.find(reference, auth.caller().user_id)


def readable_room(reference: str) -> tuple[RoomRef, int]:
    """A room that the caller reads, and the id above which. Raises NoSuchRoom, RoomEnded, NotAMember."""
    return service().room_access.readable(reference, auth.caller().user_id)


def owned_room(reference: str) -> RoomRef:
    """A room that the caller owns. Raises NoSuchRoom, RoomEnded, NotTheOwner."""
    return service().room_access.owned(reference, auth.caller().user_id)


def reader() -> Reader:
    """The caller, for the unread counts of rooms."""
    return Reader(auth.caller().user_id, auth.caller().name)


def _room(reference: str) -> Room:
    row = rooms.find(service().reads, reference, reader())
    if row is None:
        raise NotFound
    if row.over:
        raise Gone
    return _shapes([row])[0]


def _shapes(rows: list[RoomRow]) -> list[Room]:
    connections = service().presence.counts([row.id for row in rows])
    return [_shape(row, connections[row.id]) for row in rows]


def _shape(row: RoomRow, connections: int) -> Room:
    fields = asdict(row)
    owner_id, owner_name = fields.pop("owner_id"), fields.pop("owner_name")
    del fields["over"]
    return Room(
        **fields,
        owner=UserRef(owner_id, owner_name) if owner_id is not None else None,
        connections=connections,
        age=max(0.0, (datetime.now(UTC) - row.created_at).total_seconds()),
        subscribe_url=here(f"/room/{row.id}/subscribe"),
    )
