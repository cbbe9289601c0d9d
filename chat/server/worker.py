"""gunicorn's gevent worker, which releases the greenlet of a socket that was taken over, and answers errors with problem documents.

StreamServer, is_already_handled and handle_error are not gunicorn's public API: gunicorn is pinned, and tests hold both."""

import errno
import ssl
from time import monotonic
from typing import Any

import gevent
from gunicorn.http import errors
from gunicorn.workers import ggevent
from gunicorn.workers.base_async import ALREADY_HANDLED

from chat.addresses import client_address
from chat.domain.shapes.answers import FieldError
from chat.problems import BadInput, HeadersTooLarge, Problem, UriTooLong
from chat.server.access_log import log_unreadable
from chat.server.answer import ANSWERED
from chat.server.balance import BalancedServer
from chat.server.raw_problem import raw_problem
from chat.server.request_id import begin_request

LOOK_SECONDS = 0.5
DRAIN_GRACE_SECONDS = 0.5  # for a request that is under way when the worker stops


ggevent.StreamServer = BalancedServer  # the class that GeventWorker.run makes its servers of


class IdleTimeout(BaseException):
    """Ends an idle wait. Not an Exception, so that no handler on the way takes it for a failure."""


class IdleWait:
    """The wait of an open connection for its next request.

    `close_idle` looks at all of them now and then: a timer for each would cost every request."""

    __slots__ = ("_greenlet", "_waits", "since")

    def __init__(self, waits: "set[IdleWait]") -> None:
        self.since = monotonic()
        self._waits = waits
        self._greenlet: Any = gevent.getcurrent()

    def __enter__(self) -> None:
        self._waits.add(self)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        self._waits.discard(self)
        return kind is IdleTimeout

    def expire(self) -> None:
        gevent.get_hub().loop.run_callback(self._throw)

    def _throw(self) -> None:
        """Runs in the loop itself: no request can begin between this look and the end of the wait."""
        if self in self._waits:
            self._greenlet.throw(IdleTimeout)


class ChatWorker(ggevent.GeventWorker):  # type: ignore[misc]
    """A greenlet for each request, none for a stream."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._idle: set[IdleWait] = set()

    def timeout_ctx(self) -> IdleWait:
        return IdleWait(self._idle)

    def close_idle(self) -> None:
        """Closes connections that have sent no next request in time, as long as the worker runs; soon, once it is told to stop."""
        while True:
            gevent.sleep(LOOK_SECONDS if self.alive else DRAIN_GRACE_SECONDS / 2)
            limit = self.cfg.keepalive if self.alive else DRAIN_GRACE_SECONDS
            for wait in tuple(self._idle):
                if wait.since < monotonic() - limit:
                    wait.expire()

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Writes an IPv4 client as one, whichever socket accepted it: for sessions, limits and lists."""
        if isinstance(addr, tuple):
            addr = (client_address(addr[0]), *addr[1:])
        super().handle(listener, client, addr)

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> None:
        """A client that does not take its answer is gone. gunicorn knows a reset as such, and writes a traceback for a timeout."""
        try:
            super().handle_request(listener_name, req, sock, addr)
        except TimeoutError as error:
            raise ConnectionResetError(errno.ECONNRESET, "the client does not take its answer") from error

    def is_already_handled(self, respiter: object) -> bool:
        """Ends the greenlet if a subscriber has the socket, or it would wait for a next request."""
        if respiter is ALREADY_HANDLED:
            raise StopIteration
        return respiter is ANSWERED

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answers a request that gunicorn cannot read with a problem document, as any other."""
        problem = _problem(exc)
        if problem is None and isinstance(exc, ssl.SSLError | errors.ConfigurationProblem):
            super().handle_error(req, client, addr, exc)
            return
        if problem is None:
            self.log.error("a request failed in the server", exc_info=exc)  # gunicorn's own line would hold the address
        else:
            begin_request()
            log_unreadable(problem.status)
            self.log.debug("a request is refused that cannot be read: %s", type(exc).__name__)  # its words would quote the client's
        self._answer(client, problem or Problem())

    def _answer(self, client: Any, problem: Problem) -> None:
        try:
            client.sendall(raw_problem(problem))
        except OSError:
            self.log.debug("the client was gone before it was answered")


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
