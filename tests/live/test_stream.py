"""A stream as API.md has it: its first frames, its events, and its resume."""

import json
import resource
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from chat.embedded import Valkey
from tests.harness.backends import own_valkey
from tests.harness.databases import Databases
from tests.harness.deadline import eventually
from tests.harness.frames import Frame, FrameParser
from tests.harness.people import Person
from tests.harness.server import Server
from tests.harness.streams import EventStream, opened
from tests.harness.tables import insert_messages, insert_room, insert_user, log_head

STREAM = {"Accept": "text/event-stream"}
TAIL_EVENTS = 40  # of the server with a short tail
INBOX = "/api/v1/messages/subscribe"
ALL = "/api/v1/subscribe"


def subscribe(room: int | str) -> str:
    return f"/api/v1/room/{room}/subscribe"


# What it says first


def test_a_stream_says_what_it_is(alice: Person) -> None:
    room = alice.create_room()
    with alice.stream_room(room["id"]) as stream:
        assert stream.status == 200
        assert stream.headers["content-type"].partition(";")[0] == "text/event-stream"
        assert stream.headers["cache-control"] == "no-store"
        assert stream.headers["x-accel-buffering"] == "no"
        assert "content-length" not in stream.headers


@pytest.mark.parametrize("prefix", ["", "/api/v1"])
def test_the_first_frames_set_the_pace_and_the_cursor(alice: Person, prefix: str) -> None:
    room = alice.create_room()
    head = alice.post(room["id"], "before")["id"]
    with alice.stream(f"{prefix}/room/{room['id']}/subscribe") as stream:
        assert [stream.next_frame(), stream.next_frame()] == [Frame(retry=2400), Frame(id=head)]


def test_a_room_is_found_by_its_name_too(alice: Person) -> None:
    room = alice.create_room()
    with opened(alice.stream_room(room["name"])) as stream:
        alice.post(room["id"], "hello")
        assert stream.next_message()["text"] == "hello"


def test_head_shows_the_headers_alone(alice: Person) -> None:
    room = alice.create_room()
    answer = alice.http.head(subscribe(room["id"]), headers=STREAM)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert alice.http.get("/api/v1/session").status_code == 200, "the connection serves the next request"
    assert alice.http.get(f"/api/v1/room/{room['id']}").json()["connections"] == 0


def test_a_client_of_http_1_0_is_served(alice: Person, server: Server) -> None:
    room = alice.create_room()
    request = f"GET {subscribe(room['id'])} HTTP/1.0\r\nAccept: text/event-stream\r\nAuthorization: Bearer {alice.token}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(request.encode())
        received = read_until(client, b"id: ")
        head, _, body = received.partition(b"\r\n\r\n")
        assert head.split(b" ")[1] == b"200"
        assert b"transfer-encoding" not in head.lower()
        alice.post(room["id"], "hello")
        body += read_until(client, b"hello", b"\n\n")
    assert [frame.json()["text"] for frame in FrameParser().feed(body) if frame.is_message] == ["hello"]


def read_until(client: socket.socket, *marks: bytes) -> bytes:
    received = b""
    while not all(mark in received for mark in marks):
        piece = client.recv(65536)
        assert piece, f"closed after {received!r}"
        received += piece
    return received


@pytest.mark.parametrize("path", ["/room/no-such-room/subscribe", "/room/999999999/subscribe", "/subscribe?room=no-such-room"])
def test_a_room_that_is_not_there_is_404(alice: Person, path: str) -> None:
    assert alice.http.get(path, headers=STREAM).status_code == 404


@pytest.mark.parametrize("path", ["/messages/subscribe", "/subscribe"])
def test_nobody_subscribes_without_having_signed_in(server: Server, path: str) -> None:
    with EventStream(server.url, path, {}) as stream:
        assert stream.status == 401


# What it carries


def test_a_message_is_one_frame_with_its_id_and_the_json_of_its_post(alice: Person, bob: Person) -> None:
    room = alice.create_room()
    with opened(alice.stream_room(room["id"])) as stream:
        posted = bob.post(room["id"], 'two\nlines, "quotes", ä, 😀, \u2028 and \r')
        [*_, frame] = stream.until(lambda frame: frame.is_message)
        assert frame.id == posted["id"] == frame.json()["id"]
        assert frame.json() == posted
        assert f"data: {json.dumps(posted, ensure_ascii=False, separators=(',', ':'))}\n\n" in stream.body.decode()


def test_what_is_posted_elsewhere_is_not_on_a_rooms_stream(alice: Person, bob: Person) -> None:
    room, other = alice.create_room(), bob.create_room()
    with opened(alice.stream_room(room["id"])) as stream:
        bob.post(other["id"], "elsewhere")
        bob.write_to(alice.id, "directly")
        bob.post(room["id"], "here")
        assert stream.messages_until("here") == ["here"]


def test_a_heartbeat_moves_a_quiet_clients_cursor_on(alice: Person, bob: Person) -> None:
    quiet, busy = alice.create_room(), bob.create_room()
    with opened(alice.stream_room(quiet["id"])) as stream:
        newest = bob.post(busy["id"], "elsewhere")["id"]
        [*_, last] = stream.until(lambda frame: (frame.id or 0) >= newest)
        assert (last.event, last.data) == ("heartbeat", "{}")


def test_a_heartbeat_never_runs_ahead_of_a_message(alice: Person, bob: Person) -> None:
    room = alice.create_room()
    ids, beats = [], 0
    with opened(alice.stream_room(room["id"])) as stream:
        while beats < 2:
            ids.append(bob.post(room["id"], "hello")["id"])
            for frame in stream.until(lambda frame: frame.is_message):
                beats += frame.event == "heartbeat"
                assert frame.id is not None or frame.event == "presence"
                assert (frame.id or 0) < ids[-1] or frame.is_message, "a cursor past what is still to come would lose it"
        assert stream.cursor == ids[-1]


def test_a_direct_message_is_on_the_inbox_and_on_the_stream_of_everything(alice: Person, bob: Person) -> None:
    with opened(alice.stream(INBOX)) as inbox, opened(alice.stream(ALL)) as everything, opened(bob.stream(INBOX)) as bobs:
        posted = bob.write_to(alice.id, "the first ever between us")
        answered = alice.write_to(bob.id, "an answer")
        assert inbox.next_message() == posted
        assert [everything.next_message(), everything.next_message()] == [posted, answered]
        assert bobs.next_message() == answered
        bob.write_to(alice.id, "the last")
        assert inbox.messages_until("the last") == ["the last"], "her own answer is not posted to her"


def test_nobody_else_hears_a_direct_message(alice: Person, bob: Person, server: Server) -> None:
    with Person.signed_in(server, "carol") as carol, opened(carol.stream(INBOX)) as inbox, opened(carol.stream(ALL)) as everything:
        written = bob.write_to(alice.id, "between us")
        assert inbox.messages_through(written["id"]) == []
        assert everything.messages_through(written["id"]) == []


def test_a_room_that_alice_makes_while_she_listens_becomes_part_of_it(alice: Person, bob: Person) -> None:
    with opened(alice.stream(ALL)) as stream:
        room = alice.create_room()
        bob.post(room["id"], "welcome")
        frames = stream.until(lambda frame: frame.is_message)
        assert [frame.event for frame in frames if frame.id and frame.event != "heartbeat"] == ["join", "message"]
        assert frames[-1].json()["text"] == "welcome"


def test_a_room_that_alice_joins_while_she_listens_becomes_part_of_it_until_she_leaves(alice: Person, bob: Person) -> None:
    room, own = bob.create_room(), alice.create_room()
    with opened(alice.stream(ALL)) as stream:
        bob.post(room["id"], "too early")
        assert alice.http.post(f"/api/v1/room/{room['id']}/members").status_code == 204
        bob.post(room["id"], "welcome")
        assert stream.next_message()["text"] == "welcome"
        assert alice.http.delete(f"/api/v1/room/{room['id']}/members/me").status_code == 204
        bob.post(room["id"], "too late")
        bob.post(own["id"], "to your own room")
        assert stream.messages_until("to your own room") == ["to your own room"]


def test_open_rooms_can_be_named_beside_ones_own(alice: Person, bob: Person) -> None:
    own, first, second, unnamed = alice.create_room(), bob.create_room(), bob.create_room(), bob.create_room()
    with opened(alice.stream(ALL, room=[first["id"], second["name"], second["id"]])) as stream:
        for room in (unnamed, second, first, own):
            bob.post(room["id"], f"to {room['id']}")
        assert stream.messages_until(f"to {own['id']}") == [f"to {room['id']}" for room in (second, first, own)]


def test_ids_ascend_across_all_rooms_of_one_stream(alice: Person, server: Server) -> None:
    rooms = [alice.create_room()["id"] for _ in range(3)]
    posters = [Person.signed_in(server, "poster") for _ in range(4)]

    def post_everywhere(poster: Person) -> list[int]:
        return [poster.post(rooms[number % 3], "hello")["id"] for number in range(30)]

    with opened(alice.stream(ALL)) as stream, ThreadPoolExecutor(len(posters)) as at_once:
        posted = sorted(event_id for ids in at_once.map(post_everywhere, posters) for event_id in ids)
        assert [stream.next_message()["id"] for _ in posted] == posted
    for poster in posters:
        poster.close()


# Where it goes on


@pytest.fixture(scope="module")
def told(server: Server) -> Iterator[tuple[Person, int, list[int]]]:
    """Alice, her room, and the ids of what was posted in it."""
    with Person.signed_in(server, "alice") as alice:
        room = alice.create_room()["id"]
        yield alice, room, [alice.post(room, f"message {number}")["id"] for number in range(5)]


def test_alice_resumes_by_header(told: tuple[Person, int, list[int]]) -> None:
    alice, room, ids = told
    with alice.stream_room(room, last_event_id=ids[1]) as stream:
        assert [stream.next_message()["id"] for _ in range(3)] == ids[2:]


def test_alice_resumes_by_query(told: tuple[Person, int, list[int]]) -> None:
    alice, room, ids = told
    with alice.stream_room(room, after=ids[1]) as stream:
        assert [stream.next_message()["id"] for _ in range(3)] == ids[2:]


def test_the_header_wins_over_the_query(told: tuple[Person, int, list[int]]) -> None:
    """EventSource reconnects with the URL it began with: its header is the newer of the two."""
    alice, room, ids = told
    with alice.stream_room(room, last_event_id=ids[3], after=ids[0]) as stream:
        assert stream.next_message()["id"] == ids[4]


def test_the_first_frame_of_a_resumed_stream_is_the_cursor_it_came_with(told: tuple[Person, int, list[int]]) -> None:
    """Not the newest: a stream that is cut before the rest has come resumes from there again."""
    alice, room, ids = told
    with alice.stream_room(room, last_event_id=ids[1]) as stream:
        assert [stream.next_frame(), stream.next_frame()] == [Frame(retry=2400), Frame(id=ids[1])]


@pytest.mark.parametrize("cursor", ["abc", "-1", "1.5", "1e3", "0x10", "٣", "9223372036854775808", "17 18"])
def test_a_cursor_that_is_not_a_number_is_400(told: tuple[Person, int, list[int]], cursor: str) -> None:
    alice, room, _ = told
    by_query = alice.http.get(subscribe(room), params={"after": cursor}, headers=STREAM)
    by_header = alice.http.get(subscribe(room), headers=[*httpx.Headers(STREAM).raw, (b"Last-Event-ID", cursor.encode())])
    assert [by_query.status_code, by_header.status_code] == [400, 400]
    assert by_query.json()["errors"][0]["field"] == "after"
    assert by_header.json()["errors"][0]["field"] == "Last-Event-ID"


def test_a_cursor_beyond_the_newest_id_is_told_so_and_set_back(told: tuple[Person, int, list[int]]) -> None:
    alice, room, _ = told
    head = alice.poll(subscribe(room))["cursor"]
    with alice.stream_room(room, last_event_id=head + 1_000_000) as stream:
        [*_, reset] = stream.until(lambda frame: frame.event is not None)
        assert (reset.event, reset.id, reset.json()) == ("reset", head, {"cursor": head})
        posted = alice.post(room, "after the restore")
        assert stream.next_message() == posted
        assert stream.cursor == posted["id"]


@pytest.fixture(scope="module")
def forgetful(databases: Databases) -> Iterator[Server]:
    """A server with a short tail."""
    database_url = databases.clone()
    with own_valkey() as valkey, Server(database_url, valkey.url, wsgi="tests.harness.short_tail_wsgi:app") as running:
        yield running
    databases.drop(database_url)


@pytest.fixture(scope="module")
def long_history(forgetful: Server) -> Iterator[tuple[Person, list[int]]]:
    """Alice, and the ids of all events that she is owed: her join, messages in her room, direct ones; others' events between them."""
    with Person.signed_in(forgetful, "alice") as alice, Person.signed_in(forgetful, "bob") as bob:
        room, other = alice.create_room()["id"], bob.create_room()["id"]
        owed = [alice.poll(ALL, after=0)["events"][0]["id"]]
        for number in range(3 * TAIL_EVENTS // 2):
            bob.post(other, f"not for alice {number}")
            owed.append(bob.post(room, f"message {number}")["id"])
            if number % 5 == 0:
                owed.append(bob.write_to(alice.id, f"directly {number}")["id"])
        yield alice, owed


@pytest.mark.parametrize("way", ["stream", "poll"])
def test_resume_is_exact_from_every_cursor(long_history: tuple[Person, list[int]], forgetful: Server, way: str) -> None:
    alice, owed = long_history
    head = log_head(forgetful.database_url)
    assert head > 3 * TAIL_EVENTS, "most of it is older than the tail"
    read = rest_by_stream if way == "stream" else rest_by_polls
    for cursor in range(head + 1):
        assert read(alice, cursor, head) == [event_id for event_id in owed if event_id > cursor], f"from {cursor}"


def rest_by_stream(person: Person, cursor: int, head: int) -> list[int]:
    with person.stream(ALL, last_event_id=cursor) as stream:
        frames = stream.until(lambda frame: (frame.id or 0) >= head)
    return [frame.json()["id"] for frame in frames if frame.event in ("message", "join")]


def rest_by_polls(person: Person, cursor: int, head: int) -> list[int]:
    ids: list[int] = []
    while cursor < head:
        polled = person.poll(ALL, after=cursor, wait=0)
        ids += [event["id"] for event in polled["events"]]
        assert polled["cursor"] > cursor
        cursor = polled["cursor"]
    return ids


def test_a_client_that_is_further_behind_than_any_worker_remembers_gets_it_all(database_url: str, valkey: Valkey) -> None:
    """21,000 rows that nobody published: they are in the record when the server starts."""
    author, room, other = insert_user(database_url), insert_room(database_url), insert_room(database_url, "other")
    committed = insert_messages(database_url, 21_000, [room, room, other], author)
    owed = [event_id for event_id in committed if event_id % 3]
    with Server(database_url, valkey.url) as server, Person.signed_in(server, "bob") as bob, bob.stream_room(room, after=0) as stream:
        assert [stream.next_message(within=30)["id"] for _ in owed] == owed
        assert stream.messages_until(bob.post(room, "live")["text"]) == ["live"]


# How it ends


def test_signing_out_ends_the_stream_for_good_and_a_browser_stops_asking(alice: Person) -> None:
    room = alice.create_room()
    with alice.sign_in_again() as phone, opened(phone.stream_room(room["id"])) as stream, opened(alice.stream_room(room["id"])) as other:
        phone.sign_out()
        end = stream.until_closed()[-1]
        assert (end.event, end.id, end.json()) == ("end", None, {"reason": "signed_out"})
        with phone.stream_room(room["id"], last_event_id=stream.cursor) as again:
            assert again.status == 204
        alice.post(room["id"], "still here")
        assert other.next_message()["text"] == "still here", "the other session goes on"


def test_a_worker_that_holds_as_many_streams_as_it_can_says_so(database_url: str, valkey: Valkey) -> None:
    with Server(database_url, valkey.url, workers=1) as server, Person.signed_in(server, "alice") as alice:
        room = alice.create_room()["id"]
        [worker] = server.worker_pids()
        resource.prlimit(worker, resource.RLIMIT_NOFILE, (502, 502))
        with opened(alice.stream_room(room)) as first, opened(alice.stream_room(room)):
            refused = alice.http.get(subscribe(room), headers=STREAM)
            assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
            assert int(refused.headers["retry-after"]) > 0
            assert alice.post(room, "posting goes on")["id"]
            first.close()
            eventually(lambda: can_subscribe(alice, room))


def can_subscribe(person: Person, room: int) -> bool:
    with person.stream_room(room) as stream:
        return stream.status == 200


def test_a_room_that_was_asked_for_by_name_is_heard_also_after_leaving_it(server: Server, alice: Person, bob: Person) -> None:
    room = alice.create_room()["id"]
    bob.http.post(f"/room/{room}/members")
    with bob.stream("/subscribe", room=room) as named:
        bob.http.delete(f"/room/{room}/members/me").raise_for_status()
        posted = alice.post(room, "still open to all")
        assert named.messages_through(posted["id"]) == ["still open to all"]
