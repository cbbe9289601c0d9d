"""The members of a room: joining, leaving, removing, banning."""

from flask import Blueprint, Response

from chat.api import auth, query
from chat.api.accounts import find_user
from chat.api.auth import service
from chat.api.operation import Operation, answer, checked, compressed
from chat.api.rooms import OWNERS, find_room, owned_room
from chat.domain import validation
from chat.domain.shapes.answers import Member
from chat.domain.shapes.refs import UserRef
from chat.domain.shapes.requests import Entry
from chat.problems import BadInput, Full, Gone, NotFound
from chat.services import memberships

blueprint = Blueprint("members", __name__)


@Operation(
    blueprint,
    "Join a room, a closed one with its invite key. Its messages become part of the caller's own stream",
    "POST",
    "/room/{room}/members",
    {204: None},
    Entry,
    problems=(NotFound, Full, Gone),
    optional=True,
)
def join_room(room: str, body: Entry) -> None:
    """By id, because a caller with an invite key may not know of the room yet.

    A wrong key, a room that has ended and no room at all get the same answer."""
    checked("invite_key", validation.secret, body.invite_key)
    room_id = validation.id_of(room) if validation.is_id(room) else find_room(room).id
    service().rooms.join(room_id, auth.caller().user_id, body.invite_key)


@Operation(blueprint, "Leave a room", "DELETE", "/room/{room}/members/me", {204: None}, problems=(NotFound, Gone))
def leave_room(room: str) -> None:
    service().rooms.leave(find_room(room).id, auth.caller().user_id)


@Operation(blueprint, "Remove a member", "DELETE", "/room/{room}/members/{user}", {204: None}, problems=OWNERS)
def remove_member(room: str, user: str) -> None:
    service().rooms.remove(owned_room(room).id, find_user(user).id)


@Operation(
    blueprint,
    "The members of a room, and which of them are present",
    "GET",
    "/room/{room}/members",
    {200: list[Member]},
    parameters=(query.LIMIT, query.AFTER),
    problems=(BadInput, NotFound, Gone),
)
def list_members(room: str) -> Response:
    record, most = find_room(room), query.limit()
    if record.kind == "direct":
        rows = [(user, False) for user in memberships.pair(service().reads, record.id)]
    else:
        rows = memberships.of_room(service().reads, record.id, query.bound("after") or 0, most + 1)
    present = service().presence.present(record.id)
    members = [Member(user, owner, user.id in present) for user, owner in rows]
    return compressed(members[:most], headers=query.next_page([user for user, _ in rows], most))


@Operation(blueprint, "Ban a user, who is removed and cannot join again", "PUT", "/room/{room}/bans/{user}", {204: None}, problems=OWNERS)
def ban_member(room: str, user: str) -> None:
    room_id, user_id = owned_room(room).id, find_user(user).id
    if user_id == auth.caller().user_id:
        raise BadInput.of("user", "is you: an owner leaves or ends the room")
    service().rooms.ban(room_id, user_id)


@Operation(blueprint, "Lift a ban", "DELETE", "/room/{room}/bans/{user}", {204: None}, problems=OWNERS)
def unban_member(room: str, user: str) -> None:
    service().rooms.unban(owned_room(room).id, find_user(user).id)


@Operation(blueprint, "The users banned from a room", "GET", "/room/{room}/bans", {200: list[UserRef]}, problems=OWNERS)
def list_bans(room: str) -> Response:
    return answer(memberships.banned(service().reads, owned_room(room).id))
