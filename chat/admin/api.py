"""The admin interface for programs: `{"data": …}` or a problem document.

A key of scope `rooms` may only make rooms and read their names."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request, url_for
from msgspec import Struct

from chat.api import api_key_rooms, api_keys, query
from chat.api.auth import service
from chat.api.operation import answer, body, checked
from chat.domain import validation
from chat.problems import BadInput
from chat.version import VERSION

blueprint = Blueprint("api", __name__)

ANY_SCOPE = frozenset({"api.about", "api.make_room", "api.read_room"})
STREAMS = 500  # of each worker, the default limit
MOST_ROOMS = 1000  # in one announcement


class NewAnnouncement(Struct, frozen=True, forbid_unknown_fields=True):
    """rooms: ids or names; null for all."""

    text: str
    rooms: list[str | int] | None


@blueprint.before_request
def _require_scope() -> None:
    api_keys.require_scope("rooms" if request.endpoint in ANY_SCOPE else "admin")


@blueprint.get("/")
def about() -> Response:
    return data({"app": "Admin chatserver", "version": VERSION})


@blueprint.get("/rooms")
def list_rooms() -> Response:
    return page(service().administration.rooms)


@blueprint.post("/room/<room>")
def make_room(room: str) -> Response:
    name = api_key_rooms.create(api_keys.actor(), room)
    return api_key_rooms.created(name, url_for("api.read_room", room=name, _external=True))


@blueprint.get("/room/<room>")
def read_room(room: str) -> Response:
    return api_key_rooms.described(room)


@blueprint.delete("/room/<room>")
def close_room(room: str) -> Response:
    service().administration.close_room(api_keys.actor(), room)
    return data({"room": room, "message": "Room closed"})


@blueprint.post("/announcements")
def announce() -> Response:
    announcement = body(NewAnnouncement)
    if announcement.rooms is not None and not 1 <= len(announcement.rooms) <= MOST_ROOMS:
        raise BadInput.of("rooms", f"holds 1 to {MOST_ROOMS}, or is null for all")
    references = None if announcement.rooms is None else [str(room) for room in announcement.rooms]
    text = checked("text", validation.text, announcement.text)
    return data({"rooms": service().administration.announce(api_keys.actor(), text, references)}, 201)


@blueprint.get("/users")
def list_users() -> Response:
    return page(service().administration.users)


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
    """For each worker one sample a second, oldest first; `limit` is the number of samples."""
    by_worker = service().sampler.by_worker(query.limit() if "limit" in request.args else 0)
    return data({worker: [_fields(sample) for sample in samples] for worker, samples in by_worker.items()})


@blueprint.get("/audit")
def audit() -> Response:
    return data(service().administration.audit_log(query.bound("before"), query.limit()))


@blueprint.post("/stop")
def stop() -> Response:
    return data({"workers": service().administration.stop(api_keys.actor())}, 202)


def data(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return answer({"data": value}, status, headers)


def page(listed: Callable[[str, int, int], list[Any]]) -> Response:
    """The requested page of a list, with a Link header to the next one if there are more items."""
    most = query.limit()
    items = listed(query.name(), query.bound("after") or 0, most + 1)
    return data(items[:most], headers=query.next_page(items, most))


def _fields(sample: Struct) -> dict[str, Any]:
    return {name: getattr(sample, name) for name in sample.__struct_fields__}
