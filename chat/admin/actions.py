"""The operator's actions as views. An action that cannot be undone has a confirmation page first."""

from collections.abc import Sequence

from flask import make_response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from chat.admin import filters
from chat.admin.auth import actor, form, problem, redirect_to
from chat.api.auth import service
from chat.domain import validation
from chat.domain.refusals import NoSuchRoom, NoSuchUser
from chat.domain.validation import Invalid
from chat.services.administration import RoomSummary, UserSummary

MOST_ROOMS = 1000  # in one announcement: each is looked up


def confirm_close(room_id: int) -> BaseResponse:
    room = _room(room_id)
    if room is None:
        return redirect_to(".rooms", "over")
    return _confirm(
        f"Shut down “{room.name}”?",
        "Its members are told that it has ended, all its streams close, and every request to it is refused. This cannot be undone.",
        "Shut down",
        "rooms",
        _facts_of_room(room),
    )


def close_room(room_id: int) -> BaseResponse:
    try:
        service().administration.close_room(actor(), str(room_id))
    except NoSuchRoom:
        return redirect_to(".rooms", "over")
    return redirect_to(".rooms", "closed")


def confirm_ban(user_id: int) -> BaseResponse:
    user = _user(user_id)
    return _confirm(
        f"Ban “{user.name}”?",
        "All sessions of the user end at once, and the user cannot sign in until the ban is lifted. The user's messages stay.",
        "Ban",
        "users",
        [("User", f"{user.name} ({user.id})"), ("Signed up", filters.moment(user.created_at)), ("Sessions", filters.number(user.sessions))],
    )


def ban(user_id: int) -> BaseResponse:
    service().administration.ban(actor(), str(user_id))
    return redirect_to(".users", "banned")


def unban(user_id: int) -> BaseResponse:
    service().administration.unban(actor(), str(user_id))
    return redirect_to(".users", "unbanned")


def end_sessions(user_id: int) -> BaseResponse:
    service().administration.end_sessions(actor(), str(user_id))
    return redirect_to(".users", "ended")


def announcements(error: str = "") -> BaseResponse:
    """The form. With an error it keeps what the operator sent."""
    values = form() if error else {"rooms": request.args.get("room", "")}
    fields = {name: values.get(name, "") for name in ("text", "rooms", "to")}
    page = render_template(
        "announcements.html", title="Announce", view="announcements", error=error, announced=request.args.get("done"), **fields
    )
    return make_response(page, 400 if error else 200)


def announce() -> BaseResponse:
    try:
        text = validation.text(form().get("text", "").replace("\r\n", "\n"))  # browsers send line breaks this way
    except Invalid as error:
        return announcements(f"The text {error}.")
    references = _references()
    if references is not None and not 1 <= len(references) <= MOST_ROOMS:
        return announcements(f"{len(references) or 'No'} rooms are named: 1 to {MOST_ROOMS} can be, or all.")
    try:
        reached = service().administration.announce(actor(), text, references)
    except NoSuchRoom as error:
        return announcements(f"There is no living room “{error}”; nothing was announced.")
    return redirect_to(".announcements", str(reached))


def stop_service() -> BaseResponse:
    if form().get("sure") != "yes":
        return problem("Nothing was stopped", "The box was not ticked.", 400)
    count = service().administration.stop(actor())
    workers = "1 worker was" if count == 1 else f"{count} workers were"
    return problem("The service stops", f"{workers} told to close their streams and to end.", 202)


def _references() -> Sequence[str] | None:
    """Returns the ids or names of the rooms, None for all rooms."""
    if form().get("to") == "all":
        return None
    return [part.strip() for part in form().get("rooms", "").split(",") if part.strip()]


def _confirm(title: str, consequence: str, button: str, view: str, facts: Sequence[tuple[str, str]]) -> BaseResponse:
    """The confirmation page. Cancel leads back to the view."""
    return make_response(render_template("confirm.html", title=title, consequence=consequence, button=button, view=view, facts=facts))


def _facts_of_room(room: RoomSummary) -> Sequence[tuple[str, str]]:
    return [
        ("Room", f"{room.name} ({room.id}, {room.kind})"),
        ("Owner", room.owner or filters.NOTHING),
        ("Members", filters.number(room.members)),
        ("Streams", filters.number(room.connections)),
        ("Messages", filters.number(room.messages)),
        ("Age", filters.age(room.age)),
    ]


def _room(room_id: int) -> RoomSummary | None:
    rooms = service().administration.rooms(above=max(0, room_id - 1), most=1)
    return rooms[0] if rooms and rooms[0].id == room_id else None


def _user(user_id: int) -> UserSummary:
    """Raises NoSuchUser."""
    users = service().administration.users(above=max(0, user_id - 1), most=1)
    if not users or users[0].id != user_id:
        raise NoSuchUser
    return users[0]


def no_such_user(_: NoSuchUser) -> BaseResponse:
    return problem("No such user", "Nobody has that id.", 404)
