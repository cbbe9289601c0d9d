"""A store that fails is said: at the start, when an upload fails, and when a file is cut. What clients do is no fault."""

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from chat.embedded import Valkey
from tests.harness import raw
from tests.harness.deadline import eventually
from tests.harness.people import Person
from tests.harness.responses import problem
from tests.harness.server import Server
from tests.harness.uploads import get, noise, upload, uploaded
from tests.harness.workers import is_accepted

LARGE = 8 * 1024 * 1024  # more than the buffers between the service and a client that does not read
SMALL_BUFFER = 4096


def faults(server: Server) -> list[str]:
    return [line for line in server.log().splitlines() if " WARNING " in line or " ERROR " in line or "Traceback" in line]


@pytest.fixture
def storeless(database_url: str, valkey: Valkey, tmp_path: Path) -> Iterator[Server]:
    """Its folder is no folder: a folder that is read-only would stop everybody but root."""
    (tmp_path / "files").write_text("a file")
    with Server(database_url, valkey.url, settings={"FILES_URL": str(tmp_path / "files")}) as server:
        yield server


def test_uploads_that_cannot_be_stored_are_said_at_the_start_and_when_they_fail(storeless: Server) -> None:
    eventually(lambda: "uploads cannot be stored" in storeless.log())
    assert len(faults(storeless)) == 1
    with Person.signed_in(storeless, "alice") as alice:
        assert problem(upload(alice, f"/room/{alice.create_room()['id']}", b"bytes"), 503)
    [_, failed] = faults(storeless)
    assert "the store for files fails: [Errno 20] Not a directory" in failed


def test_a_store_that_works_is_not_said_and_left_as_it_was(fresh_server: Server) -> None:
    with Person.signed_in(fresh_server, "alice") as alice:
        assert upload(alice, f"/room/{alice.create_room()['id']}", b"bytes").status_code == 201
    eventually(lambda: len([path for path in fresh_server.files.rglob("*") if path.is_file()]) == 1)
    assert faults(fresh_server) == []


def test_a_file_that_is_cut_is_one_line_and_an_answer_that_breaks_off(fresh_server: Server) -> None:
    with Person.signed_in(fresh_server, "alice") as alice:
        file = uploaded(alice, f"/room/{alice.create_room()['id']}", noise(300_000))["file"]
        [stored] = [path for path in fresh_server.files.rglob("*") if path.is_file()]
        stored.write_bytes(stored.read_bytes()[:100_000])
        with pytest.raises(httpx.RemoteProtocolError):
            get(alice, file["url"])
        stored.unlink()
        assert problem(get(alice, file["url"]), 404)
    [cut, missing] = faults(fresh_server)
    assert "a download broke off" in cut and "ends 200000 bytes early" in cut
    assert "a file is not in the store" in missing


def test_a_client_that_does_not_take_its_answer_is_no_fault(database_url: str, valkey: Valkey) -> None:
    with Server(database_url, valkey.url, wsgi="tests.harness.short_stall_wsgi:app") as server, Person.signed_in(server, "alice") as alice:
        file = uploaded(alice, f"/room/{alice.create_room()['id']}", noise(LARGE))["file"]
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
            client.connect(("127.0.0.1", server.port))
            client.sendall(raw.request(f"GET {file['url']} HTTP/1.1", {"Authorization": f"Bearer {alice.token}"}))
            assert client.recv(1), "its answer has begun"
            eventually(lambda: not is_accepted(server, client), 30)
        assert faults(server) == []
