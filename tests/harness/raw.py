"""Requests as bytes, such as no decent client would send, and their answers."""

import socket
from http.client import HTTPResponse

import httpx

from tests.harness.people import Person
from tests.harness.server import Server

ANSWER_SECONDS = 20.0


def connect(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=ANSWER_SECONDS)


def send(server: Server, request: bytes, *, half_close: bool = False) -> httpx.Response:
    """The answer to these very bytes on a connection of their own. half_close: nothing more will come."""
    with connect(server) as client:
        client.sendall(request)
        if half_close:
            client.shutdown(socket.SHUT_WR)
        return receive(client)


def receive(client: socket.socket, method: str = "POST") -> httpx.Response:
    """The next final answer on the connection; a 100 before it is passed over."""
    answer = HTTPResponse(client, method=method)
    answer.begin()
    return httpx.Response(answer.status, headers=answer.getheaders(), content=answer.read())


def request(start: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """A request as it stands in RFC 9112, whatever its parts hold; latin-1, as headers are."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{start}\r\nHost: chat.test\r\n{lines}\r\n".encode("latin-1") + body


def headers(person: Person, **more: str) -> dict[str, str]:
    """Of a request with JSON from somebody who is signed in; an underscore stands for a hyphen."""
    named = {name.replace("_", "-"): value for name, value in more.items()}
    return {"Authorization": f"Bearer {person.token}", "Content-Type": "application/json", **named}
