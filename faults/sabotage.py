"""The product with one safeguard taken out, named by FAULTS_CONTROL: what shows that the table's zeros could be something else.

`faults.sabotaged_wsgi:app` is the application that gunicorn then runs."""

import itertools
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from chat.domain.epochs import Epochs
from chat.live import hub
from chat.services import log_stream
from tests.torture.bounds import make_late
from tests.torture.sabotage import without_cursor

EACH = 10  # how-many-th event or request is treated wrongly

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Answer = Callable[..., Any]


def forget_events(_: Any) -> None:
    """A hub that takes each 10th event for one that concerns nobody."""
    _deliver_through(lambda number, event: replace(event, room_id=-1) if number % EACH == 0 else event)


def invent_texts(_: Any) -> None:
    """A hub that delivers other texts than those that were committed."""
    _deliver_through(lambda number, event: _reworded(event) if number % EACH == 0 else event)


def ignore_cursors(_: Any) -> None:
    """Subscribers that take what they have had from history; hubs are late, so that there is something."""
    make_late()
    without_cursor()


def refuse_what_was_done(app: Any) -> None:
    """A 503 for a post that is committed."""
    app.wsgi_app = _replacing(app.wsgi_app, "503 Service Unavailable", {"title": "no"}, after=True)


def confirm_what_was_not_done(app: Any) -> None:
    """A 201 for a post that is not committed."""
    app.wsgi_app = _replacing(app.wsgi_app, "201 Created", {"id": 1}, after=False)


def forget_keys(app: Any) -> None:
    """The Idempotency-Key is not looked at."""
    inner: Wsgi = app.wsgi_app

    def keyless(environ: dict[str, Any], start_response: Answer) -> Iterable[bytes]:
        environ.pop("HTTP_IDEMPOTENCY_KEY", None)
        return inner(environ, start_response)

    app.wsgi_app = keyless


def ignore_epochs(_: Any) -> None:
    """Nobody looks whether the log, the record and a client's cursor are of the same past."""
    read = log_stream._events_of
    log_stream._events_of = lambda entries, epoch: read(
        [(number, {**fields, b"epoch": epoch.encode()}) for number, fields in entries], epoch
    )
    log_stream.Log.end = lambda self: (self.newest(1, "")[-1].id if self.newest(1, "") else 0, "")  # type: ignore[method-assign]
    hub.Hub.change_epoch = lambda self, state: setattr(self, "epochs", state.epochs)  # type: ignore[method-assign]
    Epochs.valid = lambda self, cursor: cursor  # type: ignore[method-assign]  # noqa: ARG005


def be_ready_always(app: Any) -> None:
    """/readyz without a look at anything."""
    inner: Wsgi = app.wsgi_app

    def ready(environ: dict[str, Any], start_response: Answer) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/readyz":
            return _answer(start_response, "200 OK", {"status": "ready"})
        return inner(environ, start_response)

    app.wsgi_app = ready


SABOTAGES: dict[str, Callable[[Any], None]] = {
    each.__name__.replace("_", "-"): each
    for each in (
        forget_events,
        invent_texts,
        ignore_cursors,
        refuse_what_was_done,
        confirm_what_was_not_done,
        forget_keys,
        ignore_epochs,
        be_ready_always,
    )
}


def _deliver_through(change: Callable[[int, Any], Any]) -> None:
    deliver, numbers = hub.Hub.deliver, itertools.count(1)

    def changed(self: Any, events: Iterable[Any]) -> None:
        deliver(self, [change(next(numbers), event) for event in events])

    hub.Hub.deliver = changed  # type: ignore[method-assign]


def _reworded(event: Any) -> Any:
    return replace(event, frame=event.frame.replace(b" says ", b" never wrote "))


def _replacing(inner: Wsgi, status: str, body: dict[str, Any], *, after: bool) -> Wsgi:
    """Each 10th post without a key is answered with this; `after`: when it was done."""
    numbers = itertools.count(1)

    def replaced(environ: dict[str, Any], start_response: Answer) -> Iterable[bytes]:
        is_post = environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"].endswith("/messages")
        if not is_post or "HTTP_IDEMPOTENCY_KEY" in environ or next(numbers) % EACH:
            return inner(environ, start_response)
        if after:
            b"".join(inner({**environ, "gunicorn.socket": None}, lambda *_: None))
        return _answer(start_response, status, body)

    return replaced


def _answer(start_response: Answer, status: str, body: dict[str, Any]) -> list[bytes]:
    content = json.dumps(body).encode()
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(content)))])
    return [content]
