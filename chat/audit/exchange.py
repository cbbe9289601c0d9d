"""One HTTP/1.1 request and its response as bytes, without sockets: threads and asyncio can both use it."""

from collections.abc import Mapping
from urllib.parse import urlencode

import h11


class Exchange:
    """A request to send (`outgoing`) and a response that is fed as it arrives; `b""` means that the peer closed."""

    def __init__(self, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> None:
        self._http = h11.Connection(h11.CLIENT)
        self.status: int | None = None
        self.headers: dict[str, str] = {}
        self.finished = False
        self.cut = False  # the connection ended before the response did
        sized = {**headers, **({"Content-Length": str(len(body))} if body else {})}
        self.outgoing = self._encode(method, target, sized, body)

    @property
    def leaves_open(self) -> bool:
        """Whether another request may follow on the same connection."""
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    def feed(self, data: bytes) -> bytes:
        """Returns the part of the response's body that `data` completes."""
        self._http.receive_data(data)
        body = b""
        while not self.finished:
            event = self._next_event()
            if event is h11.NEED_DATA:
                break
            body += self._handle(event)
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
            # The server was killed in the middle of its response: no more will come.
            self.cut = True
            return h11.ConnectionClosed()

    def _handle(self, event: object) -> bytes:
        if isinstance(event, h11.Response):
            self.status = event.status_code
            self.headers = {name.decode().lower(): value.decode("latin-1") for name, value in event.headers}
        if isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
            self.finished = True
        return bytes(event.data) if isinstance(event, h11.Data) else b""


def target(path: str, **query: object) -> str:
    """Returns `path` with the query's values that are not None; the name of a list is repeated."""
    values = {name: value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(values, doseq=True)}" if values else path
