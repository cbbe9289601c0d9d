"""gunicorn's gevent worker, less what a handed-over socket does not need and with errors in the service's own shape.

StreamServer, is_already_handled and handle_error are gunicorn's, without a promise to stay: gunicorn is pinned, and tests hold both."""

from time import monotonic
from typing import Any

import gevent
from gunicorn.http import errors
from gunicorn.workers import ggevent
from gunicorn.workers.base_async import ALREADY_HANDLED

from chat.domain.shapes.answers import FieldError
from chat.errors import BadInput, HeadersTooLarge, Problem, UriTooLong
from chat.server.answer import ANSWERED
from chat.server.balance import BalancedServer
from chat.server.raw_problem import raw

LOOK_SECONDS = 0.5
DRAIN_GRACE_SECONDS = 0.5  # for a request that is on its way when the worker stops


ggevent.StreamServer = BalancedServer  # what GeventWorker.run makes its server of


class Cut(BaseException):
    """Ends a wait, and nothing else: no handler on the way may take it for a failure."""


class Waiting:
    """The wait of an open connection for its next request.

    A look now and then ends those that are over: a timer each would cost every request."""

    __slots__ = ("_everybody", "_greenlet", "since")

    def __init__(self, everybody: "set[Waiting]") -> None:
        self.since = monotonic()
        self._everybody = everybody
        self._greenlet: Any = gevent.getcurrent()

    def __enter__(self) -> None:
        self._everybody.add(self)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        self._everybody.discard(self)
        return kind is Cut

    def cut(self) -> None:
        gevent.get_hub().loop.run_callback(self._end)

    def _end(self) -> None:
        """In the loop itself: between the look and the end no request can have begun."""
        if self in self._everybody:
            self._greenlet.throw(Cut)


class ChatWorker(ggevent.GeventWorker):  # type: ignore[misc]
    """One greenlet a request, none a stream."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._waiting: set[Waiting] = set()

    def timeout_ctx(self) -> Waiting:
        return Waiting(self._waiting)

    def close_idle(self) -> None:
        """For as long as it runs: who has not sent a next request in time goes; soon, once the worker is told to stop."""
        while True:
            gevent.sleep(LOOK_SECONDS if self.alive else DRAIN_GRACE_SECONDS / 2)
            patience = self.cfg.keepalive if self.alive else DRAIN_GRACE_SECONDS
            for waiting in tuple(self._waiting):
                if waiting.since < monotonic() - patience:
                    waiting.cut()

    def is_already_handled(self, respiter: object) -> bool:
        """Where a subscriber has the socket, let go of the greenlet at once, or it would wait for a next request."""
        if respiter is ALREADY_HANDLED:
            raise StopIteration
        return respiter is ANSWERED

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """A request that gunicorn itself cannot read gets the same problem document as any other."""
        problem = _problem(exc)
        if problem is None:
            super().handle_error(req, client, addr, exc)
            return
        self.log.info("refused a request from %s: %s", addr[0] if addr else "", exc)
        try:
            client.sendall(raw(problem))
        except OSError:
            self.log.debug("the client had gone before it was told: %s", exc)


def _problem(error: BaseException) -> Problem | None:
    if isinstance(error, errors.LimitRequestLine):
        return UriTooLong("", [FieldError("request line", "is longer than 4094 bytes")])
    if isinstance(error, errors.LimitRequestHeaders):
        return HeadersTooLarge("", [FieldError("headers", "are more than 64, or one is longer than 8190 bytes")])
    if isinstance(error, errors.InvalidHeader | errors.InvalidHeaderName | errors.ObsoleteFolding):
        return BadInput.of("headers", "hold one that is malformed")
    if isinstance(error, errors.ConfigurationProblem) or not isinstance(error, errors.ParseException):
        return None
    return BadInput.of("request", "is not HTTP that can be read")
