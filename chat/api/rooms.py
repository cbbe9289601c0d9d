"""Rooms and who is a member of them."""

from datetime import UTC, datetime

from flask import Blueprint, Response

from chat.api import auth, query
from chat.api.auth import service
from chat.api.operation import Operation, Parameter, answer, checked, here, operation
from chat.domain import names
from chat.domain.shapes import NewRoom, Room, RoomRef, UserRef
from chat.errors import BadInput, NotFound, Taken
from chat.services import rooms
from chat.services.rooms import Listing, RoomRow

blueprint = Blueprint("rooms", __name__)

ROOM = Parameter("room", "path", "a room's id or name")


@operation(
    blueprint,
    Operation(
        "The open rooms, and those that the caller is a member of",
        "GET",
        "/rooms",
        {200: list[Room]},
        parameters=(query.NAME, query.LIMIT, query.AFTER),
        problems=(BadInput,),
    ),
)
def list_rooms() -> Response:
    most = query.limit()
    listing = Listing(query.name(), query.after() or 0, most + 1)
    found = _shapes(rooms.listed(service().reads, listing, auth.caller().user_id))
    return answer(found[:most], headers=query.next_page(found, most))


@operation(
    blueprint,
    Operation(
        "Make an open room; the caller owns it and is its first member", "POST", "/rooms", {201: Room}, NewRoom, problems=(BadInput, Taken)
    ),
)
def create_room(body: NewRoom) -> Response:
    name = checked("name", names.room_name, body.name)
    made = rooms.create(service().engine, name, auth.caller().user_id)
    if made is None:
        raise Taken.of(name)
    room_id, join_id = made
    service().publisher.announce(join_id)
    return answer(_room(str(room_id)), 201, {"Location": here(f"/room/{room_id}")})


@operation(blueprint, Operation("A room as it is now", "GET", "/room/{room}", {200: Room}, parameters=(ROOM,), problems=(NotFound,)))
def get_room(room: str) -> Response:
    return answer(_room(room))


@operation(
    blueprint,
    Operation(
        "Join an open room: its messages become part of one's own stream",
        "POST",
        "/room/{room}/members",
        {204: None},
        parameters=(ROOM,),
        problems=(NotFound,),
    ),
)
def join_room(room: str) -> Response:
    found = find_room(room)
    if found.kind == "direct":
        raise NotFound
    event_id = rooms.join(service().engine, found.id, auth.caller().user_id)
    if event_id is not None:
        service().publisher.announce(event_id)
    return Response(status=204)


@operation(
    blueprint,
    Operation("Leave a room", "DELETE", "/room/{room}/members/me", {204: None}, parameters=(ROOM,), problems=(NotFound,)),
)
def leave_room(room: str) -> Response:
    event_id = rooms.leave(service().engine, find_room(room).id, auth.caller().user_id)
    if event_id is None:
        raise NotFound
    service().publisher.announce(event_id)
    return Response(status=204)


def find_room(reference: str) -> RoomRef:
    """By id or name, if the caller may know of it. Raises NotFound."""
    found = service().lookups.room(reference, auth.caller().user_id)
    if found is None:
        raise NotFound
    return found


def _room(reference: str) -> Room:
    row = rooms.find(service().reads, reference, auth.caller().user_id)
    if row is None:
        raise NotFound
    return _shapes([row])[0]


def _shapes(rows: list[RoomRow]) -> list[Room]:
    connections = service().connections.counts([row.id for row in rows])
    return [_shape(row, connections[row.id]) for row in rows]


def _shape(row: RoomRow, connections: int) -> Room:
    owner = UserRef(row.owner_id, row.owner_name) if row.owner_id is not None and row.owner_name is not None else None
    return Room(
        id=row.id,
        name=row.name,
        kind=row.kind,
        owner=owner,
        members=row.members,
        connections=connections,
        messages=row.messages,
        bytes=row.bytes,
        created_at=row.created_at,
        age=max(0.0, (datetime.now(UTC) - row.created_at).total_seconds()),
        expires_at=row.expires_at,
    )
