"""Rooms created by programs for users of their own, with an API key of scope `rooms` instead of a session."""

from flask import Blueprint, Response, request, url_for

from chat.api import api_keys, rooms
from chat.api.auth import service
from chat.api.operation import Operation, Parameter, answer, checked
from chat.domain import validation
from chat.domain.shapes.answers import MadeRef, MadeRoom
from chat.problems import BadInput, Taken, TooMany, WrongKey, WrongScope

blueprint = Blueprint("api_key_rooms", __name__)

NAME = Parameter("room", "path", "the room's name")


@Operation(
    blueprint,
    "Create an open room without an owner, with an API key instead of a session",
    "POST",
    "/room/{room}",
    {201: MadeRoom},
    parameters=(NAME,),
    problems=(BadInput, WrongKey, WrongScope, Taken, TooMany),
    keyed=True,
)
def make_room(room: str) -> Response:
    api_keys.require_key()
    api_keys.require_scope("rooms")
    name = create(api_keys.actor(), room)
    base = (request.blueprint or "").replace("api_key_rooms", "rooms")
    return created(name, url_for(f"{base}.get_room", room=name, _external=True))


@rooms.blueprint.before_request
def read_room() -> Response | None:
    """Answers a program's GET of a room with its name and id, and with nothing that only members may know."""
    if api_keys.HEADER not in request.headers or request.method != "GET" or not (request.endpoint or "").endswith(".get_room"):
        return None
    api_keys.require_key()
    api_keys.require_scope("rooms")
    return described((request.view_args or {})["room"])


def create(actor: str, room: str) -> str:
    """Returns the room's name as it is stored. Raises BadInput, NameTaken."""
    name = checked("room", validation.room_name, room)
    service().administration.make_room(actor, name)
    return name


def created(name: str, url: str) -> Response:
    return answer(MadeRoom(MadeRef(name, url, "Room created")), 201, {"Location": url})


def described(reference: str) -> Response:
    """Raises NoSuchRoom."""
    room = service().administration.room(reference)
    return answer({"data": {"room": room.name, "id": room.id}})
