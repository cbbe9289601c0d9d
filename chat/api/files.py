"""Files: uploaded as a message of their own, to a room or to a person, and read by whoever may read that message."""

from functools import partial
from typing import Any

from flask import Blueprint, Response, request

from chat.api import auth, problems, query
from chat.api.accounts import USER, find_user
from chat.api.auth import service
from chat.api.messages import KEY, idempotency_key
from chat.api.operation import BINARY, Operation, Parameter, here, operation
from chat.api.rooms import ROOM, readable_room
from chat.domain import validation
from chat.domain.files import disposition
from chat.domain.shapes import Message
from chat.errors import BadInput, Gone, KeyReused, NoRoom, NotFound, NotJoined, TooLarge, WrongRange, WrongType
from chat.server.answer import Answer
from chat.server.download import Download, download
from chat.server.multipart import read_form
from chat.server.request_body import body_length
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
    other, key = find_user(user), idempotency_key()
    return _upload(service().conversations.find_or_begin(auth.caller().user_id, other.id, key), key)


def _upload(room_id: int, key: str | None) -> Response:
    caller, uploads = auth.caller(), service().uploads
    upload = Upload(room_id, caller.user_id, caller.session_id, key)
    form = read_form(request.environ, uploads.limits.file)
    return _answer(uploads.receive(upload, body_length(request.environ), form, auth.caller_token()))


def _answer(uploaded: Uploaded) -> Response:
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
    opened = partial(service().uploads.read, found.key)
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
    opened = partial(service().uploads.read, found.preview_key)
    named = disposition("image/webp", "preview.webp")
    return download(request.environ, Download("image/webp", found.preview_size, f"{found.sha256.hex()}-preview", named, opened))


def _found(file: str) -> FileRow:
    """A file of a room that ended is not found: when it is purged, nothing is left to say more by. Raises NotFound."""
    found = find(service().reads, validation.id_of(file), auth.caller().user_id) if validation.is_id(file) else None
    if found is None or found.over:
        raise NotFound
    return found
