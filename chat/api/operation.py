"""The decorator of every API call: checks the caller and the body, and keeps the call's description for OpenAPI."""

import gzip
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

import msgspec
from flask import Blueprint, Response, request

from chat.api import auth
from chat.domain.shapes.answers import FieldError
from chat.domain.validation import EMOJI_BYTES, LARGEST_ID, Invalid
from chat.problems import BadInput, Problem, WrongType
from chat.server.answer import Answer
from chat.server.request_body import read_body

BODY_BYTES = 128 * 1024  # a text of 16 KB whose every character is escaped in JSON

COMPRESSED_FROM_BYTES = 1_400  # a shorter answer fits into one TCP segment anyway
COMPRESSION_LEVEL = 4  # 20 KB of messages in about 0.3 ms, to a sixth of their size

BINARY = bytes  # the shape of an answer that is a file

Checked = TypeVar("Checked")
Value = TypeVar("Value")
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the path, the query or a header, as in OpenAPI."""

    name: str
    where: str
    about: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})


ID_SCHEMA = {"type": "integer", "minimum": 0, "maximum": LARGEST_ID}
EMOJI_SCHEMA = {"type": "string", "minLength": 1, "maxLength": EMOJI_BYTES}
IN_PATH = {
    parameter.name: parameter
    for parameter in (
        Parameter("room", "path", "a room's id or name"),
        Parameter("user", "path", "a user's id or name"),
        Parameter("session", "path", "a session's id", ID_SCHEMA),
        Parameter("message", "path", "a message's id", ID_SCHEMA),
        Parameter("emoji", "path", f"one emoji, of at most {EMOJI_BYTES} bytes in UTF-8", EMOJI_SCHEMA),
        Parameter("file", "path", "a file's id", ID_SCHEMA),
        Parameter("name", "path", "the file's name, for people: the id alone identifies the file"),
    )
}


@dataclass(frozen=True, slots=True)
class Operation:
    """The decorator of a view, and the description of its call for OpenAPI. The view gets the body, if there is one, as its last argument.
    One that returns nothing is answered with 204.

    The parameters of the path are those of IN_PATH, unless `parameters` names them.
    answers: by status, the shape of the body, or None for an empty one.
    keyed: the view requires an API key instead of a session. optional: a request without a body has the shape's defaults.
    form: the JSON Schema of a multipart body, which the view reads itself.
    hinted: for which paths a recent identity from memory is enough, because a transaction checks the session."""

    blueprint: Blueprint
    summary: str
    method: str
    path: str
    answers: Mapping[int, Any]
    body: type[msgspec.Struct] | None = None
    parameters: Sequence[Parameter] = ()
    problems: Sequence[type[Problem]] = ()
    public: bool = False
    keyed: bool = False
    optional: bool = False
    form: Mapping[str, Any] | None = None
    hinted: Callable[[str], bool] | None = None

    @property
    def all_parameters(self) -> Sequence[Parameter]:
        """The path's parameters in their order, then the others."""
        own = {parameter.name for parameter in self.parameters if parameter.where == "path"}
        return *(IN_PATH[name] for name in re.findall(r"\{(\w+)\}", self.path) if name not in own), *self.parameters

    def __call__(self, view: View) -> View:
        OPERATIONS.append(self)

        @wraps(view)
        def checked(**path: str) -> Any:
            auth.refuse_foreign_pages(self.method)
            if not (self.public or self.keyed):
                auth.require(hinted=self.hinted is not None and self.hinted(*path.values()))
            bodies = () if self.body is None else (body(self.body, optional=self.optional),)
            answered = view(*path.values(), *bodies)
            return Response(status=204) if answered is None else answered

        rule = re.sub(r"\{(\w+)\}", r"<\1>", self.path)
        self.blueprint.add_url_rule(rule, endpoint=view.__name__, view_func=checked, methods=[self.method])
        return view


OPERATIONS: list[Operation] = []


def body(shape: type[Checked], *, optional: bool = False) -> Checked:
    """The request's JSON as the shape. Raises WrongType, TooLarge, BadInput."""
    if optional and not request.mimetype and not request.content_length:
        return shape()
    if request.mimetype != "application/json":
        raise WrongType(f"Content-Type is {request.mimetype or 'missing'}; this takes application/json")
    try:
        return msgspec.json.decode(read_body(request.environ, BODY_BYTES), type=shape)
    except msgspec.ValidationError as error:
        raise BadInput(str(error), [FieldError(*_field_and_detail(str(error)))]) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInput.of("body", f"is not JSON: {error}") from None


def _field_and_detail(message: str) -> tuple[str, str]:
    """msgspec names the field in its message: by its path, or as the one that is missing or unknown."""
    if at := re.search(r" - at `\$\.?([^`]*)`$", message):
        return at[1] or "body", message[: at.start()]
    if named := re.search(r"field `([^`]*)`", message):
        return named[1], message
    return "body", message


def checked(name: str, rule: Callable[[Value], Checked], value: Value) -> Checked:
    """The value after its rule. Raises BadInput, which names the field."""
    try:
        return rule(value)
    except Invalid as error:
        raise BadInput.of(name, str(error)) from None


def here(path: str) -> str:
    """The absolute address of a resource, under the base path of the request."""
    assert request.blueprint is not None
    base = "/api/v1" if request.blueprint.startswith("v1_") else ""
    return f"{request.scheme}://{request.host}{base}{path}"


def answer(shape: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """The shape as JSON."""
    return Answer(msgspec.json.encode(shape), status, headers)


def compressed(shape: Any, headers: Mapping[str, str] | None = None) -> Response:
    """A list as JSON, compressed if it is long and the client accepts that: a phone waits for bytes, not for the processor."""
    body, more = msgspec.json.encode(shape), {**(headers or {}), "Vary": "Accept-Encoding"}
    if len(body) < COMPRESSED_FROM_BYTES or not request.accept_encodings["gzip"]:
        return Answer(body, 200, more)
    return Answer(gzip.compress(body, COMPRESSION_LEVEL, mtime=0), 200, more | {"Content-Encoding": "gzip"})
