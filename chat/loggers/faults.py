"""A fault in words that hold no content: no text, name, key, hash or parameter of the statement that failed."""

import traceback
from collections.abc import Iterator

import psycopg2
from redis.exceptions import ResponseError
from sqlalchemy.exc import SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

CAUSED = "\nThe above exception was the direct cause of the following exception:\n\n"
HANDLED = "\nDuring handling of the above exception, another exception occurred:\n\n"


def describe(error: BaseException) -> str:
    """One line."""
    if isinstance(error, StatementError) and error.orig is not None:
        error = error.orig
        if not isinstance(error, psycopg2.Error):
            return _kind(error)  # a value that cannot be passed
    if isinstance(error, psycopg2.Error):
        return _describe_database(error)
    if isinstance(error, SQLAlchemyError) and not isinstance(error, PoolTimeout):
        return _kind(error)
    text = str(error)
    if isinstance(error, ResponseError):
        text = text.partition(", with args")[0]  # the beginning of the command that Redis refused
    return next(iter(text.splitlines()), "") or _kind(error)


def _describe_database(error: psycopg2.Error) -> str:
    """PostgreSQL's messages and details quote values; the state, the table and the constraint do not."""
    if error.pgcode:
        names = ".".join(filter(None, (error.diag.table_name, error.diag.constraint_name or error.diag.column_name)))
        return f"{_kind(error)} ({error.pgcode}{' ' if names else ''}{names})"
    if isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError):
        return str(error).partition("\n")[0]  # no server, or none that answers: libpq's own words
    return _kind(error)


def kind_of(error: BaseException) -> str:
    """The same for two errors that are one fault: of the database its state and place, of others the class."""
    return describe(error) if isinstance(error, SQLAlchemyError | psycopg2.Error) else _kind(error)


def format_traceback(error: BaseException) -> str:
    """As Python writes it, but with each exception described."""
    return "".join(_parts(error)).rstrip("\n")


def _parts(error: BaseException) -> Iterator[str]:
    if error.__cause__ is not None:
        yield from (*_parts(error.__cause__), CAUSED)
    elif error.__context__ is not None and not error.__suppress_context__:
        yield from (*_parts(error.__context__), HANDLED)
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__module__}.{_kind(error)}: {describe(error)}\n"


def _kind(error: BaseException) -> str:
    return type(error).__qualname__
