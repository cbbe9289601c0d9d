"""The admin interface for programs: `{"data": …}`, or a problem document.

A key of scope `rooms` makes rooms and reads their names, no more."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from msgspec import Struct

from chat.api import api_key_rooms, api_keys, query
from chat.api.auth import service
from chat.api.operation import answer, body, checked
from chat.domain import validation
from chat.errors import BadInput
from chat.version import VERSION

blueprint = Blueprint("api", __name__)

ANY_SCOPE = frozenset({"api.about", "api.make_room", "api.read_room"})
STREAMS = 500  # of each worker, unless told
MOST_ROOMS = 1000  # named in one announcement


class NewAnnouncement(Struct, frozen=True, forbid_unknown_fields=True):
    """rooms: by id or name; null for all."""

    text: str
    rooms: list[str | int] | None


@blueprint.before_request
def _scope() -> None:
    api_keys.require_scope("rooms" if request.endpoint in ANY_SCOPE else "admin")


@blueprint.get("/")
def about() -> Response:
    return data({"app": "Admin chatserver", "version": VERSION})


@blueprint.get("/rooms")
def list_rooms() -> Response:
    most = query.limit()
    return page(service().administration.rooms(query.name(), query.after() or 0, most + 1), most)


@blueprint.post("/room/<room>")
def make_room(room: str) -> Response:
    made = api_key_rooms.made(api_keys.actor(), room)
    return api_key_rooms.answer_made(made, url_for("api.read_room", room=made, _external=True))


@blueprint.get("/room/<room>")
def read_room(room: str) -> Response:
    return api_key_rooms.answer_read(room)


@blueprint.delete("/room/<room>")
def close_room(room: str) -> Response:
    service().administration.close_room(api_keys.actor(), room)
    return data({"room": room, "message": "Room closed"})


@blueprint.post("/announcements")
def announce() -> Response:
    asked = body(NewAnnouncement)
    if asked.rooms is not None and not 1 <= len(asked.rooms) <= MOST_ROOMS:
        raise BadInput.of("rooms", f"holds 1 to {MOST_ROOMS}, or is null for all")
    references = None if asked.rooms is None else [str(room) for room in asked.rooms]
    return data(
        {"rooms": service().administration.announce(api_keys.actor(), checked("text", validation.text, asked.text), references)}, 201
    )


@blueprint.get("/users")
def list_users() -> Response:
    most = query.limit()
    return page(service().administration.users(query.name(), query.after() or 0, most + 1), most)


@blueprint.put("/user/<user>/ban")
def ban(user: str) -> Response:
    service().administration.ban(api_keys.actor(), user)
    return data({"user": user, "banned": True})


@blueprint.delete("/user/<user>/ban")
def unban(user: str) -> Response:
    service().administration.unban(api_keys.actor(), user)
    return data({"user": user, "banned": False})


@blueprint.delete("/user/<user>/sessions")
def end_sessions(user: str) -> Response:
    return data({"user": user, "sessions": service().administration.end_sessions(api_keys.actor(), user)})


@blueprint.get("/streams")
def list_streams() -> Response:
    return data(service().administration.streams(query.limit() if "limit" in request.args else STREAMS))


@blueprint.get("/figures")
def figures() -> Response:
    """By worker a sample a second, oldest first; `limit` says how many."""
    samples = service().sampler.by_worker(query.limit() if "limit" in request.args else 0)
    return data({worker: [_fields(sample) for sample in of_worker] for worker, of_worker in samples.items()})


@blueprint.get("/audit")
def audit() -> Response:
    return data(service().administration.audit_log(query.before(), query.limit()))


@blueprint.post("/stop")
def stop() -> Response:
    return data({"workers": service().administration.stop(api_keys.actor())}, 202)


def data(shape: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return answer({"data": shape}, status, headers)


def page(found: list[Any], most: int) -> Response:
    """The first `most` of what was found, and where the rest is."""
    return data(found[:most], headers=query.next_page(found, most))


def _fields(sample: Struct) -> dict[str, Any]:
    return {name: getattr(sample, name) for name in sample.__struct_fields__}
