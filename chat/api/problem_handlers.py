"""Answers every error with a problem document: problems and refusals, Flask's errors, a store or database that is away, and bugs."""

import logging

import msgspec
from flask import Blueprint, Flask, Response, request
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge
from werkzeug.routing import RoutingException
from werkzeug.wrappers import Response as BaseResponse

from chat import problems
from chat.api.refusals import problem_of
from chat.domain.refusals import Refused
from chat.domain.shapes.answers import FieldError
from chat.loggers.lines import current_request
from chat.problems import Problem, Unavailable
from chat.server.answer import Answer
from chat.server.lingering_close import LingeringClose
from chat.server.request_body import CLOSE
from chat.services.database import Overdue
from chat.services.files import StoreFailed

logger = logging.getLogger(__name__)

# PostgreSQL's classes of passing faults: a failover, a restart, a full disk, a deadlock
PASSING = ("08", "25", "40", "53", "55", "57")
DATABASE_AWAY = "the database does not answer; whether a change was made is not known: an Idempotency-Key makes trying again safe"

KNOWN: tuple[type[Exception], ...] = (Problem, Refused, StoreFailed)


def init_app(app: Flask) -> None:
    for kind in KNOWN:
        app.register_error_handler(kind, lambda error: respond(_problem(error)))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(SQLAlchemyError, _database)
    app.register_error_handler(Overdue, _database)
    app.register_error_handler(Exception, _unexpected)


def close_after_refused_uploads(blueprint: Blueprint, method: str) -> None:
    """A refused upload may still be arriving: the connection of a request by this method ends with the problem."""
    for kind in KNOWN:
        blueprint.register_error_handler(kind, lambda error: respond(_problem(error), closing=request.method == method))


def _problem(error: Exception) -> Problem:
    """Of one of the known kinds."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, Refused):
        return problem_of(error)
    logger.warning("the store for files fails: %s", error)
    return Unavailable("the store for files does not answer")


def respond(problem: Problem, *, closing: bool = False) -> Response:
    """closing: for a request whose body may still be arriving."""
    kind, headers = (LingeringClose, problem.headers | CLOSE) if closing else (Answer, problem.headers)
    return kind(msgspec.json.encode(problem.document(current_request.get())), problem.status, headers, "application/problem+json")


def _http(error: HTTPException) -> BaseResponse:
    """Flask's own errors: unknown addresses, wrong methods, bodies that are too large."""
    if isinstance(error, RoutingException):
        return error.get_response()  # a redirect is no error
    if isinstance(error, RequestEntityTooLarge):
        return respond(problems.TooLarge("", [FieldError("body", "is too large")]))
    if isinstance(error, MethodNotAllowed):
        return respond(problems.WrongMethod("", headers={"Allow": ", ".join(sorted(error.valid_methods or ()))}))
    return respond(problems.NotFound() if error.code == 404 else problems.BadInput(error.description or ""))


def _database(error: SQLAlchemyError | Overdue) -> Response:
    code = getattr(error.orig, "pgcode", None) if isinstance(error, DBAPIError) else None
    if code is not None and code[:2] not in PASSING:
        return _unexpected(error)
    logger.warning("the database is away: %s", error)
    return respond(Unavailable(DATABASE_AWAY))


def _unexpected(error: Exception) -> Response:
    logger.error("a request failed", exc_info=error)
    return respond(Problem())
