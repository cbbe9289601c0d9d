"""Uploads that are refused or cut off leave no message, no row and no byte."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from chat.services import files
from chat.services.files import open_store
from tests.harness import raw
from tests.harness.databases import Databases
from tests.harness.deadline import eventually
from tests.harness.keyspaces import Keyspaces
from tests.harness.people import Person
from tests.harness.responses import problem
from tests.harness.server import Server
from tests.harness.tables import engine_of, execute, locked
from tests.harness.uploads import (
    BOUNDARY,
    begin,
    form,
    head,
    names_on_disk,
    noise,
    nothing_left,
    part,
    picture,
    post,
    rows,
    upload,
    uploaded,
)

FILE_BYTES = 100_000
SETTINGS = {"FILE_BYTES": str(FILE_BYTES), "USER_FILES_BYTES": "400000", "ROOM_FILES_BYTES": "300000", "FILES_BYTES": "700000"}
SIZE = 90_000  # of an upload that is held open
PURGE_SECONDS = 40.0
AT_ONCE = 8
CONNECTIONS = 5  # of a worker to the database: so many wait, even where one worker has them all
WAITING = "SELECT count(*) AS waiting FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


@pytest.fixture(scope="module")
def small(databases: Databases, keyspaces: Keyspaces) -> Iterator[Server]:
    """A server that has little room."""
    database_url, redis_url = databases.clone(), keyspaces.take()
    with Server(database_url, redis_url, settings=SETTINGS) as running:
        yield running
    databases.drop(database_url)
    keyspaces.give_back(redis_url)


@pytest.fixture
def carol(small: Server) -> Iterator[Person]:
    """A user with the whole quota."""
    execute(small.database_url, "DELETE FROM events WHERE kind = 'file'")
    execute(small.database_url, "DELETE FROM files")
    with Person.signed_in(small, "carol") as person:
        yield person


@pytest.fixture
def dave(small: Server) -> Iterator[Person]:
    with Person.signed_in(small, "dave") as person:
        yield person


@pytest.fixture
def path(carol: Person) -> str:
    return f"/room/{carol.create_room()['id']}"


# Not a form, or not such a one


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 415),
        ("application/x-www-form-urlencoded", 415),
        ("", 415),
        ("multipart/mixed; boundary=a", 415),
        ("multipart/form-data", 400),
        ("multipart/form-data; boundary=", 400),
        (f"multipart/form-data; boundary={'a' * 71}", 400),
    ],
)
def test_what_is_no_form_is_refused(small: Server, carol: Person, path: str, kind: str, status: int) -> None:
    with nothing_left(small):
        problem(post(carol, path, b"hello", Content_Type=kind), status)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"hello", "body"),
        (form(), "file"),
        (form(part("text", b"hi")), "file"),
        (form(part("file", b"hi")), "file"),
        (form(part("text", b"hi", "a.txt")), "text"),
        (form(part("file", b"a", "a"), part("file", b"b", "b")), "file"),
        (form(part("text", b"a"), part("text", b"b")), "text"),
        (form(part("file", b"a", "a"), part("text", b"\xff\xfe")), "text"),
        (form(part("file", b"a", "a"), part("text", b"a\0b")), "text"),
        (form(part("file", b"a", "a"), part("text", b"   ")), "text"),
        (form(part("file", b"a", "a"), part("text", b"a" * 16_385)), "text"),
        (form(part("file", b"a", "a"), part("colour", b"red")), "body"),
        (form(part("file", b"a", "a"), part("text", b"a"), part("text", b"a")), "body"),
        (part("file", b"a" * 5000, "a"), "body"),
        (form(part("file", b"a", "a"))[:-6], "body"),
        (f"--{BOUNDARY}\r\nContent-Disposition: form-data\r\n\r\na\r\n--{BOUNDARY}--\r\n".encode(), "body"),
        (f"--{BOUNDARY}\r\nX: y\r\n\r\na\r\n--{BOUNDARY}--\r\n".encode(), "body"),
        (f"--{BOUNDARY}\r\n{'X' * 140_000}: y\r\n\r\na\r\n--{BOUNDARY}--\r\n".encode(), "body"),
        (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="\xff"\r\n\r\na\r\n--{BOUNDARY}--\r\n'.encode("latin-1"), "body"),
        (b"x" * 140_000 + form(part("file", b"a", "a")), "body"),
        (form(part("file", b"a", "a")) + b"x" * 140_000, "body"),
    ],
    ids=lambda value: repr(value[:40]) if isinstance(value, bytes) else value,
)
def test_a_form_that_is_wrong_is_refused_by_the_field(small: Server, carol: Person, path: str, body: bytes, field: str) -> None:
    with nothing_left(small):
        refused = problem(post(carol, path, body), 400)
        assert [error["field"] for error in refused["errors"]] == [field]


def test_a_wrong_key_is_refused(small: Server, carol: Person, path: str) -> None:
    with nothing_left(small):
        problem(upload(carol, path, b"a", key="two words"), 400, "Idempotency-Key")


# Too large


def test_a_file_of_the_very_bound_is_taken(carol: Person, path: str) -> None:
    assert uploaded(carol, path, noise(FILE_BYTES))["file"]["size"] == FILE_BYTES


def test_a_file_that_is_too_large_is_refused(small: Server, carol: Person, path: str) -> None:
    with nothing_left(small):
        problem(upload(carol, path, noise(FILE_BYTES + 1)), 413, "file")


def test_a_length_that_is_too_large_is_refused_before_anything_is_read(small: Server, carol: Person, path: str) -> None:
    """None of the body is sent."""
    with nothing_left(small), raw.connect(small) as client:
        client.sendall(head(carol, path, 10**12))
        problem(raw.receive(client), 413, "body")


def test_a_client_that_sends_on_gets_to_read_the_refusal(small: Server, carol: Person, path: str) -> None:
    """A close with unread bytes would reset the connection and lose the response."""
    body = form(part("file", noise(20_000_000), "a"))
    with nothing_left(small), raw.connect(small) as client:
        client.sendall(head(carol, path, len(body)))
        client.sendall(body)
        problem(raw.receive(client), 413)


def test_what_has_no_length_is_refused_as_soon_as_it_is_too_large(small: Server, carol: Person, path: str) -> None:
    """The chunks never end."""
    with nothing_left(small), raw.connect(small) as client:
        client.sendall(head(carol, path, None))
        begun = part("file", noise(FILE_BYTES + 70_000), "a")[:-2]
        client.sendall(b"%x\r\n%s\r\n" % (len(begun), begun))
        problem(raw.receive(client), 413, "file")


# Broken off


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_a_client_that_goes_away_leaves_nothing(small: Server, carol: Person, path: str, chunked: bool) -> None:
    with nothing_left(small):
        begin(small, carol, path, SIZE, chunked=chunked).close()


def test_a_client_that_sends_no_more_is_told(small: Server, carol: Person, path: str) -> None:
    with nothing_left(small), begin(small, carol, path, SIZE) as client:
        client.shutdown(socket.SHUT_WR)
        problem(raw.receive(client), 400, "body")


def test_chunks_that_are_none_leave_nothing(small: Server, carol: Person, path: str) -> None:
    with nothing_left(small), begin(small, carol, path, SIZE, chunked=True) as client:
        client.sendall(b"this is no chunk\r\n\r\n")
        problem(raw.receive(client), 400)


@pytest.mark.parametrize("act", ["sign out", "ban", "end"])
def test_who_loses_the_right_while_uploading_posts_nothing(small: Server, carol: Person, dave: Person, act: str) -> None:
    room = carol.create_room(expires_in=1)["id"]
    assert dave.http.post(f"/room/{room}/members").status_code == 204
    content = noise(90_000)
    body = form(part("file", content, "a.bin"))
    before = names_on_disk(small)
    with raw.connect(small) as client:
        client.sendall(head(dave, f"/room/{room}", len(body)) + body[:70_000])
        eventually(lambda: any(row.stored_at is None for row in rows(small)))
        expected = lose_the_right(carol, dave, room, act)
        client.sendall(body[70_000:])
        problem(raw.receive(client), expected)
    eventually(lambda: (rows(small), names_on_disk(small)) == ([], before))
    assert execute(small.database_url, "SELECT FROM events WHERE room_id = :room AND kind = 'file'", {"room": room}) == []


def test_whose_room_is_purged_while_uploading_is_told_that_it_has_ended(small: Server, carol: Person) -> None:
    """The purge removes the stored part of the file, and the store reports no fault."""
    room = carol.create_room(expires_in=1)["id"]
    body = form(part("file", noise(SIZE), "a.bin"))
    with nothing_left(small), raw.connect(small) as client:
        client.sendall(head(carol, f"/room/{room}", len(body)) + body[:70_000])
        eventually(lambda: any(row.stored_at is None for row in rows(small)))
        assert carol.http.delete(f"/room/{room}").status_code == 204
        purged = "SELECT FROM rooms WHERE id = :id AND purged_at IS NOT NULL"
        eventually(lambda: execute(small.database_url, purged, {"id": room}), PURGE_SECONDS)
        client.sendall(body[70_000:])
        problem(raw.receive(client), 410)


def lose_the_right(owner: Person, guest: Person, room: int, act: str) -> int:
    """Returns the status that the guest gets then."""
    if act == "sign out":
        guest.sign_out()
        return 401
    if act == "ban":
        assert owner.http.put(f"/room/{room}/bans/{guest.id}").status_code == 204
        return 404
    assert owner.http.delete(f"/room/{room}").status_code == 204
    return 410


def test_a_store_that_fails_posts_nothing_and_is_asked_again(small: Server, carol: Person, path: str) -> None:
    moved = small.files.with_name(f"{small.files.name}-away")
    small.files.rename(moved)
    small.files.write_text("in the way of the folder")
    problem(upload(carol, path, b"hello"), 503)
    small.files.unlink()
    moved.rename(small.files)
    assert carol.history(path.removeprefix("/room/")) == []
    sweep(small)
    assert rows(small) == []
    uploaded(carol, path, b"hello")


def test_what_a_killed_worker_left_is_swept(fresh_server: Server) -> None:
    with Person.signed_in(fresh_server, "frank") as frank:
        path = f"/room/{frank.create_room()['id']}"
        with nothing_left(fresh_server):
            client = begin(fresh_server, frank, path, SIZE)
            for pid in fresh_server.worker_pids():
                fresh_server.kill_worker(pid)
            client.close()
            eventually(fresh_server.is_ready)
            assert len(rows(fresh_server)) == len(names_on_disk(fresh_server)) == 1
            assert sweep(fresh_server) == 1


def test_an_upload_that_is_under_way_is_not_swept(small: Server, carol: Person, path: str) -> None:
    with nothing_left(small), begin(small, carol, path, SIZE):
        assert files.sweep(engine_of(small.database_url), open_store(str(small.files))) == 0
        assert len(rows(small)) == 1


def test_an_upload_that_took_too_long_is_not_posted(small: Server, carol: Person, path: str) -> None:
    """The sweep may have taken its bytes away already."""
    body = form(part("file", noise(90_000), "a.bin"))
    with nothing_left(small), raw.connect(small) as client:
        client.sendall(head(carol, path, len(body)) + body[:70_000])
        eventually(lambda: rows(small))
        execute(small.database_url, "UPDATE files SET created_at = created_at - interval '1 hour' WHERE stored_at IS NULL")
        client.sendall(body[70_000:])
        problem(raw.receive(client), 400, "body")


def sweep(server: Server) -> int:
    """Unfinished uploads too, however new."""
    return files.sweep(engine_of(server.database_url), open_store(str(server.files)), seconds=0)


# Limits


def test_a_user_has_so_much_room_and_no_more(small: Server, carol: Person, dave: Person) -> None:
    rooms = [carol.create_room()["id"] for _ in range(5)]
    for room in rooms[:4]:
        uploaded(carol, f"/room/{room}", noise(95_000))
    with nothing_left(small):
        refused = problem(upload(carol, f"/room/{rooms[4]}", noise(95_000)), 507)
        assert "your files" in refused["detail"]
    uploaded(dave, f"/room/{rooms[4]}", noise(95_000))


def test_a_room_has_so_much_room_and_no_more(small: Server, carol: Person, dave: Person, path: str) -> None:
    for person in (carol, dave, carol):
        uploaded(person, path, noise(95_000))
    with nothing_left(small):
        refused = problem(upload(dave, path, noise(95_000)), 507)
        assert "the room's files" in refused["detail"]
    uploaded(dave, f"/user/{carol.id}", noise(95_000))


def test_there_is_so_much_room_in_all_and_no_more(small: Server, carol: Person) -> None:
    for _ in range(2):
        with Person.signed_in(small, "erin") as erin:
            for _ in range(3):
                uploaded(erin, f"/room/{erin.create_room()['id']}", noise(99_000))
    room = carol.create_room()["id"]
    uploaded(carol, f"/room/{room}", noise(99_000))
    with nothing_left(small):
        refused = problem(upload(carol, f"/room/{room}", noise(99_000)), 507)
        assert "all files" in refused["detail"]


def test_uploads_at_once_do_not_exceed_a_limit_together(small: Server, carol: Person, path: str) -> None:
    """None of them is reserved yet when the others check the quota."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        with nothing_reserved(small):
            waiting = [pool.submit(upload, carol, path, noise(90_000)) for _ in range(AT_ONCE)]
            eventually(lambda: execute(small.database_url, WAITING)[0].waiting >= CONNECTIONS)
        answers = [one.result() for one in waiting]
    taken = [answer for answer in answers if answer.status_code == 201]
    assert {answer.status_code for answer in answers} == {201, 507}
    assert len(taken) == 3
    assert [row.stored_at is not None for row in rows(small)] == [True] * 3


@contextmanager
def nothing_reserved(server: Server) -> Iterator[None]:
    """Readers of the table go on inside the block, writers wait."""
    with engine_of(server.database_url).begin() as connection:
        connection.execute(text("LOCK TABLE files IN SHARE MODE"))
        yield


def test_an_upload_under_way_holds_its_room(small: Server, carol: Person, path: str) -> None:
    for _ in range(2):
        uploaded(carol, path, noise(95_000))
    with begin(small, carol, path, SIZE):
        problem(upload(carol, path, noise(50_000)), 507)
    eventually(lambda: all(row.stored_at for row in rows(small)))
    uploaded(carol, path, noise(50_000))


def test_small_files_count_for_more_than_they_are(small: Server, carol: Person, path: str) -> None:
    """A row counts too: otherwise a million files of one byte each would be within every limit."""
    taken = 0
    while (answer := upload(carol, path, b"x")).status_code == 201:
        taken += 1
    problem(answer, 507)
    assert taken == 300_000 // (16 * 1024)


def test_a_file_is_not_stored_while_the_table_is_away(small: Server, carol: Person, path: str) -> None:
    """Without a reservation nothing is stored, because the file waits for it."""
    before = names_on_disk(small)
    with ThreadPoolExecutor(1) as pool:
        with locked(small.database_url, "files"):
            waiting = pool.submit(upload, carol, path, picture())
            eventually(lambda: execute(small.database_url, "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))
            assert names_on_disk(small) == before
        assert waiting.result().status_code == 201
