"""Signals: that the caller is typing, and how far the caller has read."""

from flask import Blueprint

from chat.api import auth
from chat.api.auth import service
from chat.api.operation import Operation
from chat.api.rooms import find_room, readable_room, reader
from chat.domain.shapes.refs import UserRef
from chat.domain.shapes.requests import ReadUpTo
from chat.problems import Gone, NotFound, NotJoined

blueprint = Blueprint("signals", __name__)


@Operation(
    blueprint,
    "Set up to which event the caller has read a room: never back, nor beyond its newest one. The caller's streams get a `read` frame",
    "PUT",
    "/room/{room}/read",
    {204: None},
    ReadUpTo,
    problems=(NotFound, NotJoined, Gone),
)
def mark_read(room: str, body: ReadUpTo) -> None:
    service().read_markers.mark(find_room(room), reader(), body.id, auth.caller().head)


@Operation(
    blueprint,
    "Signal to a room's subscribers that the caller is typing; sent on at most every 2 s",
    "POST",
    "/room/{room}/typing",
    {204: None},
    problems=(NotFound, NotJoined, Gone),
)
def type_in_room(room: str) -> None:
    record, _ = readable_room(room)
    caller = auth.caller()
    service().signals.typing(record, UserRef(caller.user_id, caller.name), caller.head)
