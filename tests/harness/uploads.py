"""Uploads, well-formed and broken, and their traces in the table and in the folder."""

import io
import os
import socket
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
from PIL import Image

from tests.harness import raw
from tests.harness.deadline import eventually
from tests.harness.people import Person
from tests.harness.server import Server
from tests.harness.tables import execute, nothing_stored

BOUNDARY = "a-boundary-that-is-in-no-file"
PORTION_BYTES = 64 * 1024
PNG = b"\x89PNG\r\n\x1a\n"


def upload(
    person: Person,
    path: str,
    content: bytes,
    name: str = "notes.bin",
    text: str | None = None,
    key: str | None = None,
    kind: str = "application/octet-stream",
) -> httpx.Response:
    """Uploads a file in a form of httpx. path: of a room or a user, `/room/7`."""
    data = {} if text is None else {"text": text}
    headers = {} if key is None else {"Idempotency-Key": key}
    return person.http.post(f"/api/v1{path}/files", files={"file": (name, content, kind)}, data=data, headers=headers)


def uploaded(person: Person, path: str, content: bytes, name: str = "notes.bin", **more: Any) -> dict[str, Any]:
    """Uploads a file, which must succeed, and returns its message."""
    answer = upload(person, path, content, name, **more)
    assert answer.status_code == 201, f"{answer.status_code} {answer.text}"
    message: dict[str, Any] = answer.json()
    return message


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    """One part of a form, after its boundary. The filename is not escaped."""
    named = f'; filename="{filename}"' if filename is not None else ""
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def head(person: Person, path: str, length: int | None, **more: str) -> bytes:
    """The head of an upload. Without a length its body is chunked."""
    kind = {"Content_Type": f"multipart/form-data; boundary={BOUNDARY}"}
    sized = {"Transfer_Encoding": "chunked"} if length is None else {"Content_Length": str(length)}
    return raw.request(f"POST /api/v1{path}/files HTTP/1.1", raw.headers(person, **(kind | sized | more)))


def begin(server: Server, person: Person, path: str, size: int, *, chunked: bool = False) -> socket.socket:
    """Begins an upload whose last 100 bytes never come, and waits until a part is stored."""
    before = len(rows(server))
    body = form(part("file", noise(size), "a.bin"))[:-100]
    client = raw.connect(server)
    client.sendall(head(person, path, None if chunked else len(body) + 100))
    client.sendall(b"%x\r\n%s\r\n" % (len(body), body) if chunked else body)
    eventually(lambda: len(rows(server)) > before and stored_of(server, rows(server)[-1].key) >= max(0, size - 2 * PORTION_BYTES))
    return client


def stored_of(server: Server, key: str) -> int:
    """The bytes of an unfinished upload in the folder, or -1 before it has begun."""
    found = list(server.files.rglob(f"{key}.part"))
    return found[0].stat().st_size if found else -1


def post(person: Person, path: str, body: bytes, **more: str) -> httpx.Response:
    """Posts a body, which may be no form."""
    kind = more.pop("Content_Type", f"multipart/form-data; boundary={BOUNDARY}")
    return person.http.post(f"/api/v1{path}/files", content=body, headers={"Content-Type": kind, **more})


def get(person: Person, url: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> httpx.Response:
    return person.http.request(method, url, headers=headers)


def rows(server: Server) -> list[Any]:
    """The rows of the table, also of unfinished uploads."""
    return execute(server.database_url, "SELECT id, key, stored_at FROM files ORDER BY id")


def names_on_disk(server: Server) -> set[str]:
    return {path.name for path in server.files.rglob("*") if path.is_file()}


@contextmanager
def nothing_left(server: Server) -> Iterator[None]:
    """The block must leave no event, no row and no bytes. Files of rooms that ended earlier may go meanwhile."""
    kept, on_disk = set(rows(server)), names_on_disk(server)
    with nothing_stored(server.database_url):
        yield
        eventually(lambda: set(rows(server)) <= kept and names_on_disk(server) <= on_disk)


def picture(width: int = 300, height: int = 200, kind: str = "PNG", colour: str = "red", **more: Any) -> bytes:
    """A picture of one colour."""
    encoded = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(encoded, kind, **more)
    return encoded.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few KB that decodes to width times height bytes."""
    lines = zlib.compress(bytes((width + 1) * height), 9) if width * height < 10**8 else zlib.compress(bytes(1000))
    return PNG + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def open_picture(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def noise(size: int) -> bytes:
    """Random bytes, different each time."""
    return os.urandom(size)
