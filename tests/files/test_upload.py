"""Uploads: a file is a message of kind `file`, in history and streams like any other. Every reader of the message may read the file."""

import hashlib
from collections.abc import Iterator

import psutil
import pytest

from tests.harness.deadline import eventually
from tests.harness.people import Person, unique
from tests.harness.responses import BASES, at_both_bases, bare, problem
from tests.harness.server import Server
from tests.harness.tables import close_room, execute
from tests.harness.uploads import (
    BOUNDARY,
    begin,
    form,
    get,
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

LARGE = 5 * 1024 * 1024


@pytest.fixture
def eve(server: Server) -> Iterator[Person]:
    with Person.signed_in(server, "eve") as person:
        yield person


# Refused


@at_both_bases
def test_nobody_who_is_not_signed_in_uploads(server: Server, alice: Person, room: int, base: str) -> None:
    with nothing_left(server):
        stranger = alice.http.post(f"{base}/room/{room}/files", files={"file": ("a", b"a")}, headers={"Authorization": "Bearer wrong"})
        problem(stranger, 401)


def test_a_page_of_another_site_uploads_nothing(server: Server, alice: Person, room: int) -> None:
    """Any page may post a form with a file without a preflight."""
    cookies = {"Authorization": "", "Cookie": f"chat_session={alice.token}", "Origin": "https://evil.example"}
    alice.http.headers.pop("Authorization")
    with nothing_left(server):
        foreign = alice.http.post(f"/room/{room}/files", files={"file": ("a", b"a")}, headers={k: v for k, v in cookies.items() if v})
        problem(foreign, 403)


def test_there_is_no_uploading_to_what_one_may_not_know(server: Server, alice: Person, bob: Person, room: int) -> None:
    close_room(server.database_url, room)
    with nothing_left(server):
        for path in (f"/room/{room}", "/room/987654321", "/room/no-such-room", "/user/no-such-user"):
            problem(upload(bob, path, b"hello"), 404)


def test_nobody_uploads_to_themselves(server: Server, alice: Person) -> None:
    with nothing_left(server):
        problem(upload(alice, f"/user/{alice.id}", b"hello"), 400, "user")


def test_a_banned_person_uploads_nothing_and_reads_no_file(server: Server, alice: Person, bob: Person, room: int) -> None:
    url = uploaded(alice, f"/room/{room}", b"hello")["file"]["url"]
    assert get(bob, url).status_code == 200
    assert alice.http.put(f"/room/{room}/bans/{bob.id}").status_code == 204
    problem(get(bob, url), 404)
    with nothing_left(server):
        problem(upload(bob, f"/room/{room}", b"hello"), 404)


def test_one_who_has_not_joined_an_ephemeral_room_uploads_nothing(server: Server, alice: Person, bob: Person) -> None:
    room = alice.create_room(expires_in=1)["id"]
    with nothing_left(server):
        problem(upload(bob, f"/room/{room}", b"hello"), 403)


def test_a_room_that_has_ended_takes_no_files(server: Server, alice: Person) -> None:
    room = alice.create_room(expires_in=1)["id"]
    assert alice.http.delete(f"/room/{room}").status_code == 204
    with nothing_left(server):
        problem(upload(alice, f"/room/{room}", b"hello"), 410)


def test_a_file_of_a_closed_room_is_for_its_members_alone(server: Server, alice: Person, bob: Person, room: int) -> None:
    file = uploaded(alice, f"/room/{room}", picture(), "a.png")["file"]
    close_room(server.database_url, room)
    for url in (file["url"], file["preview_url"]):
        problem(get(bob, url), 404)
        assert get(alice, url).status_code == 200


def test_a_file_of_an_ephemeral_room_is_for_those_who_were_there(server: Server, alice: Person, bob: Person, eve: Person) -> None:
    room = alice.create_room(expires_in=1)["id"]
    before = uploaded(alice, f"/room/{room}", b"before")["file"]["url"]
    assert bob.http.post(f"/room/{room}/members").status_code == 204
    after = uploaded(alice, f"/room/{room}", b"after")["file"]["url"]
    problem(get(bob, before), 404)
    problem(get(eve, after), 404)
    assert (get(bob, after).content, get(alice, before).content) == (b"after", b"before")


def test_a_file_between_two_people_is_for_them_alone(alice: Person, bob: Person, eve: Person) -> None:
    url = uploaded(alice, f"/user/{bob.id}", b"psst")["file"]["url"]
    problem(get(eve, url), 404)
    assert get(bob, url).content == get(alice, url).content == b"psst"


def test_what_was_never_uploaded_is_not_found(alice: Person) -> None:
    for path in ("/file/0/a", "/file/987654321/a", "/file/99999999999999999999/a", "/file/x/a", "/file/1.5/preview", "/file/-1/a"):
        problem(get(alice, f"/api/v1{path}"), 404)


def test_a_file_needs_somebody_signed_in(alice: Person, room: int) -> None:
    file = uploaded(alice, f"/room/{room}", picture(), "a.png")["file"]
    for url in (file["url"], file["preview_url"]):
        problem(get(alice, url, {"Authorization": "Bearer wrong"}), 401)


# Taken


def test_a_file_comes_back_as_it_was_sent(server: Server, alice: Person, bob: Person, room: int) -> None:
    content = noise(LARGE)
    message = uploaded(alice, f"/room/{room}", content, "notes.bin", text="the notes")
    assert (message["kind"], message["text"], message["sender"]["id"]) == ("file", "the notes", alice.id)
    file = message["file"]
    assert (file["name"], file["size"], file["type"], file["preview_url"]) == ("notes.bin", LARGE, "application/octet-stream", None)
    assert file["url"] == f"/api/v1/file/{file['id']}/notes.bin"
    for base in BASES:
        answer = get(bob, f"{base}/file/{file['id']}/whatever")
        assert hashlib.sha256(answer.content).digest() == hashlib.sha256(content).digest()


@pytest.mark.parametrize("content", [b"", b"\r\n", b"\r\n--", b"x" * (64 * 1024), b"\r" * 70_000, f"--{BOUNDARY[:-1]}".encode()], ids=len)
def test_no_bytes_are_lost_where_they_look_like_a_boundary(alice: Person, room: int, content: bytes) -> None:
    file = uploaded(alice, f"/room/{room}", content)["file"]
    assert file["size"] == len(content)
    assert get(alice, file["url"]).content == content


def test_the_text_may_come_after_the_file_or_not_at_all(alice: Person, room: int) -> None:
    after = post(alice, f"/room/{room}", form(part("file", b"a", "a.txt"), part("text", "später".encode())))
    without = post(alice, f"/room/{room}", form(part("file", b"a", "a.txt")))
    assert [answer.json()["text"] for answer in (after, without)] == ["später", ""]


def test_an_upload_without_a_length_is_taken(alice: Person, room: int) -> None:
    body = form(part("file", b"abc" * 50_000, "a.txt"))
    kind = {"Content-Type": "multipart/form-data; boundary=a-boundary-that-is-in-no-file"}
    answer = alice.http.post(f"/room/{room}/files", content=iter([body[:70_000], body[70_000:]]), headers=kind)
    assert answer.status_code == 201, answer.text
    assert get(alice, answer.json()["file"]["url"]).content == b"abc" * 50_000


def test_a_file_is_in_history_and_found_by_itself(alice: Person, bob: Person, room: int) -> None:
    message = uploaded(alice, f"/room/{room}", b"hello", "a.txt", text="look")
    history = bob.http.get(f"/room/{room}/messages").json()["messages"]
    assert [bare(one) for one in history] == [message]
    assert bare(bob.http.get(f"/message/{message['id']}").json()) == message


def test_the_location_is_the_message(alice: Person, room: int) -> None:
    answer = upload(alice, f"/room/{room}", b"hello")
    assert bare(alice.http.get(answer.headers["Location"]).json()) == answer.json()


def test_whoever_is_subscribed_receives_the_file(alice: Person, bob: Person, room: int) -> None:
    with bob.stream_room(room) as stream:
        message = uploaded(alice, f"/room/{room}", b"hello", "a.txt")
        frame = stream.until(lambda frame: frame.event == "file")[-1]
        assert (frame.id, frame.json()) == (message["id"], message)
        assert get(bob, frame.json()["file"]["url"]).content == b"hello"


def test_whoever_comes_back_resumes_with_the_file(alice: Person, bob: Person, room: int) -> None:
    cursor = alice.post(room, "before")["id"]
    message = uploaded(alice, f"/room/{room}", b"hello", "a.txt")
    with bob.stream_room(room, last_event_id=cursor) as stream:
        assert stream.until(lambda frame: frame.event == "file")[-1].json() == message
    assert bob.poll(f"/api/v1/room/{room}/subscribe", after=cursor, wait=0)["events"] == [message]


def test_a_file_to_a_person_is_a_direct_message(alice: Person, bob: Person) -> None:
    with bob.stream("/api/v1/messages/subscribe") as stream:
        message = uploaded(alice, f"/user/{bob.name}", b"psst", "secret.txt", text="for you")
        assert stream.until(lambda frame: frame.event == "file")[-1].json() == message
    assert message["room"]["kind"] == "direct"
    assert [bare(one) for one in bob.http.get("/messages").json()["messages"]] == [message]
    assert [bare(one) for one in alice.http.get(f"/user/{bob.id}/messages").json()["messages"]] == [message]


def test_the_room_counts_messages_and_bytes(alice: Person, room: int) -> None:
    uploaded(alice, f"/room/{room}", b"x" * 1000, text="four")
    found = alice.http.get(f"/room/{room}").json()
    assert (found["messages"], found["bytes"]) == (1, 1004)


def test_uploads_under_way_are_not_in_memory(server: Server, alice: Person, room: int) -> None:
    """Six of twelve megabytes each, all but their last bytes."""
    uploaded(alice, f"/room/{room}", noise(12_000_000))
    before = memory(server)
    clients = [begin(server, alice, f"/room/{room}", 12_000_000) for _ in range(6)]
    assert memory(server) - before < 24_000_000
    for client in clients:
        client.close()
    eventually(lambda: all(row.stored_at for row in rows(server)))


def memory(server: Server) -> int:
    """Of all workers, in bytes."""
    return sum(psutil.Process(pid).memory_info().rss for pid in server.worker_pids())


# Sent again


def test_a_repeated_upload_is_stored_once(server: Server, alice: Person, room: int) -> None:
    key = unique("key")
    first = upload(alice, f"/room/{room}", b"hello", text="hi", key=key)
    assert first.status_code == 201
    with nothing_left(server):
        again = upload(alice, f"/room/{room}", b"hello", text="hi", key=key)
    assert (again.status_code, again.json()) == (200, first.json())


def test_a_key_that_was_used_for_something_else_is_refused(server: Server, alice: Person, bob: Person, room: int) -> None:
    key, other = unique("key"), alice.create_room()["id"]
    assert upload(alice, f"/room/{room}", b"hello", "a.txt", text="hi", key=key).status_code == 201
    said = unique("key")
    alice.post(room, "hi", said)
    with nothing_left(server):
        problem(upload(alice, f"/room/{room}", b"hullo", "a.txt", text="hi", key=key), 422)
        problem(upload(alice, f"/room/{room}", b"hello", "b.txt", text="hi", key=key), 422)
        problem(upload(alice, f"/room/{room}", b"hello", "a.txt", text="ho", key=key), 422)
        problem(upload(alice, f"/room/{other}", b"hello", "a.txt", text="hi", key=key), 422)
        problem(upload(alice, f"/user/{bob.id}", b"hello", "a.txt", text="hi", key=key), 422)
        problem(upload(alice, f"/room/{room}", b"hello", "a.txt", text="hi", key=said), 422)


def test_the_bytes_lie_under_a_random_key_and_nothing_else(server: Server, alice: Person, room: int) -> None:
    before = names_on_disk(server)
    file = uploaded(alice, f"/room/{room}", picture(), "../../etc/passwd.png")["file"]
    stored = execute(server.database_url, "SELECT key, preview_key FROM files WHERE id = :id", {"id": file["id"]})[0]
    assert names_on_disk(server) - before == set(stored)
    assert all(row.stored_at is not None for row in rows(server))
