"""Requests as raw bytes, which may be malformed, and their responses."""

import socket
from http.client import HTTPResponse

import httpx

from tests.harness.people import Person
from tests.harness.server import Server

ANSWER_SECONDS = 20.0


def connect(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=ANSWER_SECONDS)


def send(server: Server, request: bytes, *, half_close: bool = False) -> httpx.Response:
    """Sends the bytes on a new connection and returns the response. half_close: the client closes its side first."""
    with connect(server) as client:
        client.sendall(request)
        if half_close:
            client.shutdown(socket.SHUT_WR)
        return receive(client)


def receive(client: socket.socket, method: str = "POST") -> httpx.Response:
    """Returns the next final response on the connection, past a 100."""
    answer = HTTPResponse(client, method=method)
    answer.begin()
    return httpx.Response(answer.status, headers=answer.getheaders(), content=answer.read())


def request(start: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """A request in the syntax of RFC 9112 with unchecked parts, encoded as latin-1."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{start}\r\nHost: chat.test\r\n{lines}\r\n".encode("latin-1") + body


def headers(person: Person, **more: str) -> dict[str, str]:
    """The headers of a JSON request of a signed-in person. An underscore becomes a hyphen."""
    named = {name.replace("_", "-"): value for name, value in more.items()}
    return {"Authorization": f"Bearer {person.token}", "Content-Type": "application/json", **named}
