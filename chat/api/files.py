"""Files: uploaded as a message of their own, to a room or to a person, and read by whoever may read that message."""

from functools import partial
from typing import Any

from flask import Blueprint, Response, request

from chat.api import auth, problems, query
from chat.api.accounts import USER, find_user
from chat.api.auth import service
from chat.api.messages import KEY, idempotency_key, refusal
from chat.api.operation import BINARY, Operation, Parameter, here, operation
from chat.api.rooms import ROOM, readable_room
from chat.domain import validation
from chat.domain.files import disposition
from chat.domain.shapes import Message
from chat.errors import BadInput, Gone, KeyReused, NoRoom, NotFound, NotJoined, TooLarge, Unavailable, WrongRange, WrongType
from chat.server.answer import Answer
from chat.server.download import Download, download
from chat.server.multipart import read_form
from chat.server.request_body import body_length
from chat.services import events, files, rooms
from chat.services.files.reservations import Upload
from chat.services.files.rows import FileRow, find
from chat.usecases.uploads import Uploaded

blueprint = Blueprint("files", __name__)

FILE = Parameter("file", "path", "a file's id", query.ID_SCHEMA)
NAME = Parameter("name", "path", "the file's name, for people: the id alone finds it")
RANGE = Parameter("Range", "header", "one part of the file, as `bytes=0-1023`; several are answered whole")
FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "file": {"type": "string", "contentMediaType": "application/octet-stream", "description": "with its filename"},
        "text": {"type": "string", "description": "what is said with it, at most 16 KB"},
    },
    "required": ["file"],
    "additionalProperties": False,
}
REFUSALS = (BadInput, NotFound, TooLarge, WrongType, KeyReused, NoRoom)


problems.close_after_refused_uploads(blueprint, "POST")


@operation(
    blueprint,
    Operation(
        "Upload a file to a room, as a message. 200 for a repeated Idempotency-Key",
        "POST",
        "/room/{room}/files",
        {201: Message, 200: Message},
        parameters=(ROOM, KEY),
        problems=(*REFUSALS, NotJoined, Gone),
        form=FORM,
    ),
)
def upload_to_room(room: str) -> Response:
    return _upload(readable_room(room)[0].id, idempotency_key())


@operation(
    blueprint,
    Operation(
        "Upload a file to a person, as a direct message. 200 for a repeated Idempotency-Key",
        "POST",
        "/user/{user}/files",
        {201: Message, 200: Message},
        parameters=(USER, KEY),
        problems=REFUSALS,
        form=FORM,
    ),
)
def upload_to_user(user: str) -> Response:
    other, caller, key = find_user(user), auth.caller(), idempotency_key()
    if other.id == caller.user_id:
        raise BadInput.of("user", "is you: a conversation has two members")
    room_id = rooms.conversation_of(service().reads, caller.user_id, other.id)
    if room_id is None and key is not None and events.key_is_used(service().reads, caller.user_id, key):
        raise KeyReused
    return _upload(room_id or rooms.begin_conversation(service().engine, caller.user_id, other.id), key)


def _upload(room_id: int, key: str | None) -> Response:
    caller, uploads = auth.caller(), service().uploads
    upload = Upload(room_id, caller.user_id, caller.session_id, key)
    form = read_form(request.environ, uploads.limits.file)
    try:
        uploaded = uploads.receive(upload, body_length(request.environ), form)
    except files.StoreFailed as error:
        readable_room(str(room_id))  # one that has ended meanwhile took the bytes with it: that is no fault of the store
        raise Unavailable("the store for files does not answer") from error
    if uploaded is None:
        raise refusal(room_id)
    return _posted(uploaded)


def _posted(uploaded: Uploaded) -> Response:
    event = uploaded.event
    return Answer(event.data, 200 if uploaded.replayed else 201, {"Location": here(f"/message/{event.id}")})


@operation(
    blueprint,
    Operation(
        "A file, whole or in part; shown by a browser only if it is a plain picture, sound or film, and downloaded otherwise",
        "GET",
        "/file/{file}/{name}",
        {200: BINARY, 206: BINARY, 304: None},
        parameters=(FILE, NAME, RANGE),
        problems=(NotFound, WrongRange),
    ),
)
def get_file(file: str, name: str) -> Response:  # noqa: ARG001 - the name is for people only
    found = _found(file)
    opened = partial(_open, found.key)
    return download(request.environ, Download(found.type, found.size, found.sha256.hex(), disposition(found.type, found.name), opened))


@operation(
    blueprint,
    Operation(
        "A small picture of a picture",
        "GET",
        "/file/{file}/preview",
        {200: BINARY, 206: BINARY, 304: None},
        parameters=(FILE, RANGE),
        problems=(NotFound, WrongRange),
    ),
)
def get_preview(file: str) -> Response:
    found = _found(file)
    if found.preview_key is None or found.preview_size is None:
        raise NotFound
    opened = partial(_open, found.preview_key)
    named = disposition("image/webp", "preview.webp")
    return download(request.environ, Download("image/webp", found.preview_size, f"{found.sha256.hex()}-preview", named, opened))


def _found(file: str) -> FileRow:
    """A file of a room that ended is not found: when it is purged, nothing is left to say more by. Raises NotFound."""
    found = find(service().reads, validation.id_of(file), auth.caller().user_id) if validation.is_id(file) else None
    if found is None or found.over:
        raise NotFound
    return found


def _open(key: str, start: int, stop: int) -> Any:
    try:
        return service().uploads.store.read(key, start, stop)
    except files.Missing as error:
        raise NotFound from error
    except files.StoreFailed as error:
        raise Unavailable("the store for files does not answer") from error
