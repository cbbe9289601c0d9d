"""Every error becomes a problem document: ours, Flask's, a database that is away, and what nobody expected."""

import logging

import msgspec
from flask import Flask, Response
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from chat import errors
from chat.domain.shapes import FieldError
from chat.errors import Problem, Unavailable
from chat.services.batcher import Busy

logger = logging.getLogger(__name__)

BY_STATUS: dict[int, type[Problem]] = {problem.status: problem for problem in reversed(errors.CLOSED_LIST)}


def init_app(app: Flask) -> None:
    app.register_error_handler(Problem, respond)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Busy, _busy)
    app.register_error_handler(SQLAlchemyError, _database)
    app.register_error_handler(Exception, _unexpected)


def respond(problem: Problem) -> Response:
    body = msgspec.json.encode(problem.document())
    response = Response(body, problem.status, content_type="application/problem+json")
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(problem.headers)
    return response


def _http(error: HTTPException) -> Response:
    """Flask's own refusals: unknown addresses, wrong methods, bodies that are too large."""
    if error.code is not None and error.code < 400:
        return Response.force_type(error.get_response())  # a redirect is no error
    kind = BY_STATUS.get(error.code or 500, errors.BadInput if (error.code or 500) < 500 else Problem)
    fields = [FieldError("body", "is too large")] if isinstance(error, RequestEntityTooLarge) else []
    response = respond(kind(errors=fields) if fields else kind(*_arguments(kind)))
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _arguments(kind: type[Problem]) -> tuple[float, ...]:
    return (1.0,) if kind is errors.TooMany else ()


def _busy(error: Busy) -> Response:
    return respond(Unavailable("too many are waiting for the same already"))


def _database(error: SQLAlchemyError) -> Response:
    if isinstance(error, DBAPIError) and getattr(error.orig, "pgcode", None) is not None:
        return _unexpected(error)
    logger.warning("the database is away: %s", error)
    return respond(Unavailable("the database does not answer; whether a change was made is not known: an Idempotency-Key makes trying again safe"))


def _unexpected(error: Exception) -> Response:
    logger.error("a request failed", exc_info=error)
    return respond(Problem())
