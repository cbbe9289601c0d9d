"""The deadline of a request as a whole: past REQUEST_SECONDS it is answered 503, whatever it waits for.

Streams and long polls wait after their request, and uploads for as long as bytes arrive."""

import gevent
from flask import Flask, Response, g, request

from chat.services.database import Overdue


def init_app(app: Flask, seconds: float) -> None:
    def begin() -> None:
        if request.mimetype in ("", "application/json"):
            g.deadline = gevent.Timeout.start_new(seconds, Overdue(f"no answer within {seconds:g} s"))

    def end(response: Response) -> Response:
        if "deadline" in g:
            g.deadline.close()
        return response

    app.before_request(begin)
    app.after_request(end)  # a teardown would come after the response was sent
