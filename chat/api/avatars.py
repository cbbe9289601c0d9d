"""Users' avatars. Every signed-in user may see them."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, request

from chat.api import auth, problem_handlers
from chat.api.accounts import find_user
from chat.api.auth import service
from chat.api.operation import BINARY, ID_SCHEMA, Operation, Parameter, answer
from chat.domain.files import disposition
from chat.domain.shapes.answers import User
from chat.problems import BadInput, NotFound, TooLarge, WrongRange, WrongType
from chat.server.download import Download, download
from chat.server.multipart import read_form
from chat.services import avatars
from chat.usecases.avatars import AVATAR_BYTES

blueprint = Blueprint("avatars", __name__)

TYPE = "image/webp"
YEAR_SECONDS = 365 * 24 * 3600
VERSION = Parameter("v", "query", "as in the user's avatar_url: with it a browser keeps the picture", ID_SCHEMA)
FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "file": {"type": "string", "contentMediaType": "image/*", "description": "PNG, JPEG, GIF, WebP or AVIF, at most 5 MB"},
    },
    "required": ["file"],
    "additionalProperties": False,
}


problem_handlers.close_after_refused_uploads(blueprint, "PUT")


@Operation(
    blueprint,
    "Set the caller's picture; its middle is kept, as a square",
    "PUT",
    "/user/me/avatar",
    {200: User},
    problems=(BadInput, TooLarge, WrongType),
    form=FORM,
)
def put_avatar() -> Response:
    user_id = auth.caller().user_id
    service().avatars.put(user_id, read_form(request.environ, AVATAR_BYTES, captioned=False))
    return answer(find_user(str(user_id)))


@Operation(blueprint, "Remove the caller's picture", "DELETE", "/user/me/avatar", {204: None})
def delete_avatar() -> None:
    service().avatars.delete(auth.caller().user_id)


@Operation(
    blueprint,
    "A user's picture",
    "GET",
    "/user/{user}/avatar",
    {200: BINARY, 206: BINARY, 304: None},
    parameters=(VERSION,),
    problems=(NotFound, WrongRange),
)
def get_avatar(user: str) -> Response:
    user_id = find_user(user).id
    avatar = avatars.find(service().reads, user_id)
    if avatar is None:
        raise NotFound

    def portions(start: int, stop: int) -> Iterator[bytes]:
        return iter([avatar.picture[start:stop]])

    etag = f"{user_id}-{avatar.version}"
    response = download(request.environ, Download(TYPE, len(avatar.picture), etag, disposition(TYPE, "avatar.webp"), portions))
    if request.args.get("v") == str(avatar.version):
        response.headers["Cache-Control"] = f"private, max-age={YEAR_SECONDS}, immutable"
    return response
