"""Editing and deleting messages, and reacting to them."""

from flask import Blueprint, Response

from chat.api import auth
from chat.api.auth import service
from chat.api.operation import Operation, answer, checked
from chat.domain import validation
from chat.domain.record import whole
from chat.domain.shapes.events import Message
from chat.domain.shapes.requests import MessagePatch
from chat.problems import BadInput, Gone, NotFound, NotYours, Overfull
from chat.services import history
from chat.services.message_changes import ChangeRequest

blueprint = Blueprint("message_changes", __name__)


@Operation(
    blueprint,
    "Edit one's own message. Its former text is not kept",
    "PATCH",
    "/message/{message}",
    {200: Message},
    MessagePatch,
    problems=(NotYours, NotFound, Gone),
)
def edit_message(message: str, body: MessagePatch) -> Response:
    change = _change(message)
    service().message_changes.edit(change, checked("text", validation.caption, body.text))
    record = history.message(service().reads, change.message_id, change.user_id)
    if record is None:
        raise NotFound
    return answer(whole(record))


@Operation(
    blueprint,
    "Delete one's own message, or any in a room that one owns, with its text, its file and its reactions",
    "DELETE",
    "/message/{message}",
    {204: None},
    problems=(NotYours, NotFound, Gone),
)
def delete_message(message: str) -> None:
    service().message_changes.delete(_change(message))


@Operation(
    blueprint,
    "React to a message; a second time changes nothing",
    "PUT",
    "/message/{message}/reactions/{emoji}",
    {204: None},
    problems=(BadInput, NotFound, Overfull, Gone),
)
def react(message: str, emoji: str) -> None:
    service().message_changes.react(_change(message), checked("emoji", validation.emoji, emoji))


@Operation(
    blueprint,
    "Take a reaction back; a second time changes nothing",
    "DELETE",
    "/message/{message}/reactions/{emoji}",
    {204: None},
    problems=(BadInput, NotFound, Gone),
)
def unreact(message: str, emoji: str) -> None:
    service().message_changes.unreact(_change(message), checked("emoji", validation.emoji, emoji))


def _change(message: str) -> ChangeRequest:
    if not validation.is_id(message):
        raise NotFound
    caller = auth.caller()
    return ChangeRequest(validation.id_of(message), caller.user_id, caller.session_id)
