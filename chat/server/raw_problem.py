"""A problem document as a whole HTTP response, for answers that are made outside of Flask."""

from http import HTTPStatus

import msgspec

from chat.loggers.lines import current_request
from chat.problems import Problem
from chat.server.request_id import header_line


def raw_problem(problem: Problem) -> bytes:
    """Status line, headers and body. The connection closes afterwards."""
    body = msgspec.json.encode(problem.document(current_request.get()))
    fields = header_line() + "".join(f"{name}: {value}\r\n" for name, value in problem.headers.items())
    head = (
        f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}\r\n"
        f"Content-Type: application/problem+json\r\nConnection: close\r\n{fields}"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
