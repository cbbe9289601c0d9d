"""Files. An upload posts a message of its own to a room or a user. Those who may read the message may read the file."""

from functools import partial
from typing import Any

from flask import Blueprint, Response, request

from chat.api import auth, problem_handlers
from chat.api.accounts import find_user
from chat.api.auth import service
from chat.api.messages import KEY, answer_posted, idempotency_key
from chat.api.operation import BINARY, Operation, Parameter
from chat.api.rooms import readable_room
from chat.domain import validation
from chat.domain.files import disposition
from chat.domain.shapes.events import Message
from chat.problems import BadInput, Gone, KeyReused, NoRoom, NotFound, NotJoined, TooLarge, WrongRange, WrongType
from chat.server.download import Download, download
from chat.server.multipart import read_form
from chat.server.request_body import body_length
from chat.services.files.reservations import Upload
from chat.services.files.rows import FileRow, find

blueprint = Blueprint("files", __name__)

RANGE = Parameter("Range", "header", "one part of the file, as `bytes=0-1023`; a request for several parts is answered with the whole file")
FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "file": {"type": "string", "contentMediaType": "application/octet-stream", "description": "with its filename"},
        "text": {"type": "string", "description": "the caption, at most 16 KB"},
    },
    "required": ["file"],
    "additionalProperties": False,
}
REFUSALS = (BadInput, NotFound, TooLarge, WrongType, KeyReused, NoRoom)


problem_handlers.close_after_refused_uploads(blueprint, "POST")


@Operation(
    blueprint,
    "Upload a file to a room, as a message. 200 for a repeated Idempotency-Key",
    "POST",
    "/room/{room}/files",
    {201: Message, 200: Message},
    parameters=(KEY,),
    problems=(*REFUSALS, NotJoined, Gone),
    form=FORM,
)
def upload_to_room(room: str) -> Response:
    return _upload(readable_room(room)[0].id, idempotency_key())


@Operation(
    blueprint,
    "Upload a file to a person, as a direct message. 200 for a repeated Idempotency-Key",
    "POST",
    "/user/{user}/files",
    {201: Message, 200: Message},
    parameters=(KEY,),
    problems=REFUSALS,
    form=FORM,
)
def upload_to_user(user: str) -> Response:
    other, key = find_user(user), idempotency_key()
    return _upload(service().conversations.find_or_begin(auth.caller().user_id, other.id, key), key)


def _upload(room_id: int, key: str | None) -> Response:
    caller, uploads = auth.caller(), service().uploads
    upload = Upload(room_id, caller.user_id, caller.session_id, key)
    form = read_form(request.environ, uploads.limits.file)
    return answer_posted(uploads.receive(upload, body_length(request.environ), form, auth.caller_token()))


@Operation(
    blueprint,
    "A file, whole or in part. A browser shows it only if it is a plain picture, sound or film, and downloads it otherwise",
    "GET",
    "/file/{file}/{name}",
    {200: BINARY, 206: BINARY, 304: None},
    parameters=(RANGE,),
    problems=(NotFound, WrongRange),
)
def get_file(file: str, name: str) -> Response:  # noqa: ARG001 - the name is for people only
    row = _find(file)
    portions = partial(service().uploads.read, row.key)
    return download(request.environ, Download(row.type, row.size, row.sha256.hex(), disposition(row.type, row.name), portions))


@Operation(
    blueprint,
    "A small picture of a picture",
    "GET",
    "/file/{file}/preview",
    {200: BINARY, 206: BINARY, 304: None},
    parameters=(RANGE,),
    problems=(NotFound, WrongRange),
)
def get_preview(file: str) -> Response:
    row = _find(file)
    if row.preview_key is None or row.preview_size is None:
        raise NotFound
    portions = partial(service().uploads.read, row.preview_key)
    inline = disposition("image/webp", "preview.webp")
    return download(request.environ, Download("image/webp", row.preview_size, f"{row.sha256.hex()}-preview", inline, portions))


def _find(file: str) -> FileRow:
    """A file that the caller may read. Raises NotFound, also if the room has ended: after the purge nothing more would be known."""
    row = find(service().reads, validation.id_of(file), auth.caller().user_id) if validation.is_id(file) else None
    if row is None or row.over:
        raise NotFound
    return row
