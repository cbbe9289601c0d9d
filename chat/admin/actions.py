"""What an operator does. Whatever cannot be taken back is asked about first."""

from collections.abc import Sequence

from flask import make_response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from chat.admin import formats
from chat.admin.auth import actor, done, form, problem, service
from chat.domain import validation
from chat.domain.refusals import NoSuchRoom, NoSuchUser
from chat.domain.validation import Invalid
from chat.services.administration import RoomLine, UserLine
from chat.usecases.administration import Administration

MOST_ROOMS = 1000  # named in one announcement: each is looked up


def room_to_close(room_id: int) -> BaseResponse:
    room = _room(room_id)
    if room is None:
        return done(".rooms", "over")
    return _confirm(
        f"Shut down “{room.name}”?",
        "Everybody in it hears of the end, all its streams close, and it answers no call any more. This cannot be taken back.",
        "Shut down",
        "rooms",
        _facts_of_room(room),
    )


def close_room(room_id: int) -> BaseResponse:
    try:
        _administration().close_room(actor(), str(room_id))
    except NoSuchRoom:
        return done(".rooms", "over")
    return done(".rooms", "closed")


def user_to_ban(user_id: int) -> BaseResponse:
    user = _user(user_id)
    if user is None:
        return _no_user()
    return _confirm(
        f"Ban “{user.name}”?",
        "All sessions of the user end at once, and it cannot sign in until the ban is lifted. What it has said stays.",
        "Ban",
        "users",
        [("User", f"{user.name} ({user.id})"), ("Signed up", formats.moment(user.created_at)), ("Sessions", formats.number(user.sessions))],
    )


def ban(user_id: int) -> BaseResponse:
    try:
        _administration().ban(actor(), str(user_id))
    except NoSuchUser:
        return _no_user()
    return done(".users", "banned")


def unban(user_id: int) -> BaseResponse:
    try:
        _administration().unban(actor(), str(user_id))
    except NoSuchUser:
        return _no_user()
    return done(".users", "unbanned")


def end_sessions(user_id: int) -> BaseResponse:
    try:
        _administration().end_sessions(actor(), str(user_id))
    except NoSuchUser:
        return _no_user()
    return done(".users", "ended")


def announcements(wrong: str = "") -> BaseResponse:
    """The form; with what was sent before, where that was wrong."""
    sent = form() if wrong else {"rooms": request.args.get("room", "")}
    filled = {name: sent.get(name, "") for name in ("text", "rooms", "to")}
    page = render_template(
        "announcements.html", title="Announce", within="announcements", wrong=wrong, said=request.args.get("done"), **filled
    )
    return make_response(page, 400 if wrong else 200)


def announce() -> BaseResponse:
    try:
        text = validation.text(form().get("text", "").replace("\r\n", "\n"))  # as browsers send what has several lines
    except Invalid as error:
        return announcements(f"The text {error}.")
    references = _references()
    if references is not None and not 1 <= len(references) <= MOST_ROOMS:
        return announcements(f"{len(references) or 'No'} rooms are named: 1 to {MOST_ROOMS} can be, or all.")
    try:
        reached = _administration().announce(actor(), text, references)
    except NoSuchRoom as error:
        return announcements(f"There is no living room “{error}”; nothing was announced.")
    return done(".announcements", str(reached))


def stop_service() -> BaseResponse:
    if form().get("sure") != "yes":
        return problem("Nothing was stopped", "The box was not ticked.", 400)
    reached = _administration().stop(actor())
    workers = "1 worker was" if reached == 1 else f"{reached} workers were"
    return problem("The service stops", f"{workers} told to send their streams away and to end.", 202)


def _references() -> Sequence[str] | None:
    """None for all rooms."""
    if form().get("to") == "all":
        return None
    return [part.strip() for part in form().get("rooms", "").split(",") if part.strip()]


def _confirm(title: str, consequence: str, act: str, within: str, facts: Sequence[tuple[str, str]]) -> BaseResponse:
    """Asked within one of the views, to which Cancel leads back."""
    return make_response(render_template("confirm.html", title=title, consequence=consequence, act=act, within=within, facts=facts))


def _facts_of_room(room: RoomLine) -> Sequence[tuple[str, str]]:
    return [
        ("Room", f"{room.name} ({room.id}, {room.kind})"),
        ("Owner", room.owner or formats.NOTHING),
        ("Members", formats.number(room.members)),
        ("Streams", formats.number(room.connections)),
        ("Messages", formats.number(room.messages)),
        ("Age", formats.age(room.age)),
    ]


def _room(room_id: int) -> RoomLine | None:
    found = _administration().rooms(above=max(0, room_id - 1), most=1)
    return found[0] if found and found[0].id == room_id else None


def _user(user_id: int) -> UserLine | None:
    found = _administration().users(above=max(0, user_id - 1), most=1)
    return found[0] if found and found[0].id == user_id else None


def _no_user() -> BaseResponse:
    return problem("No such user", "Nobody has that id.", 404)


def _administration() -> Administration:
    return service().administration
