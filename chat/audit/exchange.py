"""One HTTP/1.1 request and its answer as bytes: no sockets, so threads and asyncio read answers alike."""

from collections.abc import Mapping
from urllib.parse import urlencode

import h11


class Exchange:
    """A request to send (`outgoing`) and an answer that is fed as it arrives; `b""` says that the peer closed."""

    def __init__(self, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> None:
        self._http = h11.Connection(h11.CLIENT)
        self.status: int | None = None
        self.headers: dict[str, str] = {}
        self.finished = False
        self.cut = False  # the connection ended before the answer did
        sized = {**headers, **({"Content-Length": str(len(body))} if body else {})}
        self.outgoing = self._encode(method, target, sized, body)

    @property
    def leaves_open(self) -> bool:
        """Whether another request may follow on the same connection."""
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    def feed(self, data: bytes) -> bytes:
        """The part of the answer's body that `data` completes."""
        self._http.receive_data(data)
        body = b""
        while not self.finished:
            event = self._next_event()
            if event is h11.NEED_DATA:
                break
            body += self._take(event)
        return body

    def _encode(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> bytes:
        request = h11.Request(method=method, target=target, headers=list(headers.items()))
        head = self._http.send(request) or b""
        content = self._http.send(h11.Data(data=body)) or b"" if body else b""
        return head + content + (self._http.send(h11.EndOfMessage()) or b"")

    def _next_event(self) -> object:
        try:
            return self._http.next_event()
        except h11.RemoteProtocolError:
            # The server was killed in the middle of its answer: what came so far is all there is.
            self.cut = True
            return h11.ConnectionClosed()

    def _take(self, event: object) -> bytes:
        if isinstance(event, h11.Response):
            self.status = event.status_code
            self.headers = {name.decode().lower(): value.decode("latin-1") for name, value in event.headers}
        if isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
            self.finished = True
        return bytes(event.data) if isinstance(event, h11.Data) else b""


def target(path: str, **query: object) -> str:
    """`path` with those of the query's values that are not None; lists repeat their name."""
    given = {name: value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(given, doseq=True)}" if given else path
