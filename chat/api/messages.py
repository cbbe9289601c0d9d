"""Posting messages, and reading them from history."""

from flask import Blueprint, Response, request

from chat.api import auth, query
from chat.api.accounts import find_user
from chat.api.auth import service
from chat.api.operation import Operation, Parameter, answer, checked, compressed, here
from chat.api.rooms import readable_room
from chat.domain import validation
from chat.domain.record import whole
from chat.domain.shapes.answers import MessagePage
from chat.domain.shapes.events import Message
from chat.domain.shapes.requests import NewMessage
from chat.problems import BadInput, Gone, KeyReused, NotFound, NotJoined
from chat.server.answer import Answer
from chat.services import conversations, history
from chat.services.history import Page, Window
from chat.services.posting import Post, Posted
from chat.usecases.uploads import Uploaded

blueprint = Blueprint("messages", __name__)

KEY = Parameter(
    "Idempotency-Key",
    "header",
    "1 to 255 printable ASCII characters, new for each message. A request that is sent again with the same key posts nothing more",
    {"type": "string", "pattern": "^[!-~]{1,255}$"},
)
WINDOW = (query.LIMIT, query.BEFORE, query.AFTER)
WINDOW_IN_ROOM = (*WINDOW, query.AROUND)


@Operation(
    blueprint,
    "Post to a room, to an open one also without joining it. 200 for a repeated Idempotency-Key",
    "POST",
    "/room/{room}/messages",
    {201: Message, 200: Message},
    NewMessage,
    (KEY,),
    (BadInput, NotFound, NotJoined, Gone, KeyReused),
    hinted=validation.is_id,  # a post to a room's id looks nothing up before its transaction
)
def post_to_room(room: str, body: NewMessage) -> Response:
    room_id = validation.id_of(room) if validation.is_id(room) else readable_room(room)[0].id
    return answer_posted(service().messages.post(_post(room_id, body), auth.caller_token()))


@Operation(
    blueprint,
    "Post directly to a person. 200 for a repeated Idempotency-Key",
    "POST",
    "/user/{user}/messages",
    {201: Message, 200: Message},
    NewMessage,
    (KEY,),
    (BadInput, NotFound, KeyReused),
)
def post_to_user(user: str, body: NewMessage) -> Response:
    other_id = find_user(user).id
    return answer_posted(service().messages.post_to_user(_post(0, body), other_id, auth.caller_token()))


def _post(room_id: int, body: NewMessage) -> Post:
    caller, text, key = auth.caller(), checked("text", validation.text, body.text), idempotency_key()
    return Post(room_id, caller.user_id, caller.name, caller.session_id, text, key, body.reply_to)


def answer_posted(posted: Posted | Uploaded) -> Response:
    event = posted.event
    return Answer(event.data, 200 if posted.replayed else 201, {"Location": here(f"/message/{event.id}")})


def idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    return None if key is None else checked("Idempotency-Key", validation.idempotency_key, key)


@Operation(
    blueprint,
    "A room's messages; of an ephemeral room those since the caller joined",
    "GET",
    "/room/{room}/messages",
    {200: MessagePage},
    parameters=(*WINDOW_IN_ROOM,),
    problems=(BadInput, NotFound, NotJoined, Gone),
)
def list_room_messages(room: str) -> Response:
    window = query.window_in_room()
    record, since = readable_room(room)
    return _page(history.page_of_room(service().reads, record.id, window, since), window)


@Operation(
    blueprint,
    "The conversation with a person",
    "GET",
    "/user/{user}/messages",
    {200: MessagePage},
    parameters=(*WINDOW_IN_ROOM,),
    problems=(BadInput, NotFound),
)
def list_conversation(user: str) -> Response:
    window = query.window_in_room()
    room_id = conversations.find(service().reads, auth.caller().user_id, find_user(user).id)
    return _page(history.page_of_room(service().reads, room_id, window) if room_id is not None else Page([], False, False), window)


@Operation(blueprint, "All direct messages to the caller", "GET", "/messages", {200: MessagePage}, parameters=WINDOW, problems=(BadInput,))
def list_inbox() -> Response:
    window = query.window()
    return _page(history.page_of_inbox(service().reads, auth.caller().user_id, window), window)


@Operation(blueprint, "One message, if the caller may see it", "GET", "/message/{message}", {200: Message}, problems=(NotFound, Gone))
def get_message(message: str) -> Response:
    record = history.message(service().reads, validation.id_of(message), auth.caller().user_id) if validation.is_id(message) else None
    if record is None:
        raise NotFound
    return answer(whole(record))


def _page(page: Page, window: Window) -> Response:
    bounds = (window.after, window.before, window.around)
    requested = next((bound for bound in bounds if bound is not None), 0)
    cursor = page.records[-1 if window.after is not None else 0].id if page.records else requested
    return compressed(MessagePage([whole(record) for record in page.records], cursor, page.more, page.newer))
