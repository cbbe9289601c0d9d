"""A record as a line: text for people, JSON for programs. Both have the time (ISO 8601, UTC), level, process, worker, logger and the id
of the request."""

import json
import logging
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, ClassVar

from chat.loggers.faults import describe, format_traceback

current_request: ContextVar[str] = ContextVar("current_request", default="")


class Line(logging.Formatter):
    """worker: the number that gunicorn gave to this process, "-" for the master and commands."""

    worker: ClassVar[str] = "-"

    def format(self, record: logging.LogRecord) -> str:
        raise NotImplementedError

    @staticmethod
    def time(record: logging.LogRecord) -> str:
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    @staticmethod
    def request(record: logging.LogRecord) -> str:
        """The id of the record's own request, of the one that is under way, or nothing."""
        request: str = getattr(record, "request", "") or current_request.get()
        return request

    @staticmethod
    def traceback(record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        return format_traceback(error) if error else ""


class TextLine(Line):
    def format(self, record: logging.LogRecord) -> str:
        request = f" request={id_}" if (id_ := self.request(record)) else ""
        whence = f"[{record.process} {self.worker}] {record.name}"
        line = f"{self.time(record)} {record.levelname} {whence}: {message_of(record)}{request}"
        return f"{line}\n{trace}" if (trace := self.traceback(record)) else line


class JsonLine(Line):
    """The fields of an access line are keys of their own."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "time": self.time(record),
            "level": record.levelname.lower(),
            "process": record.process,
            "worker": self.worker,
            "logger": record.name,
            "message": message_of(record),
        }
        fields |= {"request_id": id_} if (id_ := self.request(record)) else {}
        fields |= {"repeated": times} if (times := getattr(record, "repeated", 0)) else {}
        fields |= {"traceback": trace} if (trace := self.traceback(record)) else {}
        return json.dumps({**(record.args if isinstance(record.args, Mapping) else {}), **fields}, default=str)


FORMATS = {"text": TextLine, "json": JsonLine}


def message_of(record: logging.LogRecord) -> str:
    """On one line. An exception among the arguments is described."""
    message = str(described(record.msg))
    if isinstance(record.args, tuple) and record.args:
        message %= tuple(map(described, record.args))
    elif record.args:
        message %= record.args
    return message.replace("\n", "\\n")


def described(part: object) -> object:
    return describe(part) if isinstance(part, BaseException) else part
