"""The API as OpenAPI 3.1, generated from the shapes that views check requests against, and as a page to read."""

from collections.abc import Iterable
from functools import cache
from typing import Any

import msgspec
from flask import Blueprint, Response, render_template

from chat.api.operation import BINARY, OPERATIONS, Operation, Parameter, answer
from chat.domain.shapes.answers import ProblemDocument
from chat.domain.shapes.events import EVENT_SHAPES, Presence, Read, Typing
from chat.domain.shapes.refs import REFERENCE
from chat.problems import CLOSED_LIST, BadInput, ForeignPage, NotSignedIn, Problem, TooLarge, Unavailable, WrongType
from chat.version import VERSION

blueprint = Blueprint("openapi", __name__)

ABOUT = (
    "Rooms, direct messages and their live streams. The same resources are served at the root without /api/v1. "
    "With Accept: text/event-stream a subscription is a stream of Server-Sent Events, otherwise a long poll."
)


@blueprint.get("/openapi.json")
def document() -> Response:
    return answer(describe())


@blueprint.get("/docs")
def page() -> str:
    return render_template("docs.html", api=describe(), problems=CLOSED_LIST)


@cache
def describe() -> dict[str, Any]:
    """The whole document."""
    components = msgspec.json.schema_components(_shapes(), ref_template=REFERENCE)[1]
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Chat", "version": VERSION, "description": ABOUT},
        "servers": [{"url": "/api/v1"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": "chat_session"},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
        "security": [{"bearer": []}, {"cookie": []}],
    }


def _shapes() -> list[Any]:
    answers = [shape for operation in OPERATIONS for shape in operation.answers.values() if shape not in (None, BINARY)]
    bodies = [operation.body for operation in OPERATIONS if operation.body is not None]
    return [*answers, *bodies, *EVENT_SHAPES, Typing, Presence, Read, ProblemDocument]


def _operation(operation: Operation) -> dict[str, Any]:
    document: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": f"{operation.method.lower()} {operation.path}",
        "parameters": [_parameter(parameter) for parameter in operation.all_parameters],
        "responses": {str(status): _response(operation, shape) for status, shape in operation.answers.items()}
        | {str(problem.status): _problem(problem) for problem in _problems(operation)},
    }
    if operation.public:
        document["security"] = []
    if operation.keyed:
        document["security"] = [{"key": []}]
    if operation.form is not None:
        document["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": operation.form}}}
    if operation.body is not None:
        document["requestBody"] = {
            "required": not operation.optional,
            "content": {"application/json": {"schema": _schema(operation.body)}},
        }
    return document


def _problems(operation: Operation) -> Iterable[type[Problem]]:
    yield from operation.problems
    yield Unavailable
    if not (operation.public or operation.keyed):
        yield NotSignedIn
    if operation.method != "GET":
        yield ForeignPage
    if operation.body is not None:
        yield from (BadInput, TooLarge, WrongType)


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.where,
        "required": parameter.where == "path",
        "description": parameter.about,
        "schema": parameter.schema,
    }


def _response(operation: Operation, shape: Any) -> dict[str, Any]:
    if shape is None:
        return {"description": "Done"}
    if shape is BINARY:
        return {"description": operation.summary, "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
    content: dict[str, Any] = {"application/json": {"schema": _schema(shape)}}
    if operation.path.endswith("subscribe"):
        content["text/event-stream"] = {"schema": {"type": "string"}}
    return {"description": operation.summary, "content": content}


def _problem(problem: type[Problem]) -> dict[str, Any]:
    return {"description": problem.title, "content": {"application/problem+json": {"schema": _schema(ProblemDocument)}}}


def _schema(shape: Any) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([shape], ref_template=REFERENCE)
    return schema
