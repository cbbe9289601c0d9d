"""Redis is never the truth: while it is away posts commit and streams read the database, and after its return the log is whole."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from redis import Redis

from chat.embedded import Valkey
from tests.harness.backends import paused
from tests.harness.deadline import eventually
from tests.harness.people import Person
from tests.harness.redis_log import log_ids
from tests.harness.server import Server
from tests.harness.streams import EventStream
from tests.harness.tables import log_head

LOG = "chat:log"
STREAMS = 6  # enough that both workers have some
LONG_SECONDS = 30.0


@pytest.fixture
def server(mended_server: Server) -> Server:
    """Alice and bob use the server that the tests stop and kill."""
    return mended_server


@pytest.fixture
def streams(alice: Person, room: int) -> Iterator[list[EventStream]]:
    """Open before Redis goes; nothing here ever opens them again."""
    with ExitStack() as stack:
        opened = [stack.enter_context(alice.stream_room(room)) for _ in range(STREAMS)]
        for stream in opened:
            stream.until(lambda frame: frame.id is not None)
        yield opened


def everybody_gets(streams: list[EventStream], posted: list[int]) -> None:
    for stream in streams:
        assert [stream.next_message(LONG_SECONDS)["id"] for _ in posted] == posted


def the_log_is_whole(valkey: Valkey, server: Server) -> None:
    """Up to the head and without a hole, whoever was to append what."""
    head = log_head(server.database_url)

    def whole() -> bool:
        held = log_ids(valkey.url)
        return bool(held) and held == list(range(held[0], head + 1))

    eventually(whole, LONG_SECONDS)


def test_posts_and_streams_go_on_while_redis_is_away(
    mended_server: Server, mended_valkey: Valkey, bob: Person, room: int, streams: list[EventStream]
) -> None:
    everybody_gets(streams, [bob.post(room, "before")["id"]])
    mended_valkey.stop()
    everybody_gets(streams, [bob.post(room, f"while it is away {number}")["id"] for number in range(20)])
    assert all(mended_server.is_ready() for _ in range(10)), "a worker that hears the record is ready"
    mended_valkey.start()
    everybody_gets(streams, [bob.post(room, f"after its return {number}")["id"] for number in range(20)])
    the_log_is_whole(mended_valkey, mended_server)
    everybody_gets(streams, [bob.post(room, "at the end")["id"]])


def test_what_was_posted_while_redis_was_away_is_appended_without_another_post(
    mended_server: Server, mended_valkey: Valkey, bob: Person, room: int
) -> None:
    mended_valkey.stop()
    for number in range(5):
        bob.post(room, f"while it is away {number}")
    mended_valkey.start()
    the_log_is_whole(mended_valkey, mended_server)
    assert log_ids(mended_valkey.url)[-1] == log_head(mended_server.database_url)


def test_everything_else_works_while_redis_is_away(mended_valkey: Valkey, alice: Person, bob: Person, room: int) -> None:
    mended_valkey.stop()
    with alice.stream("/api/v1/subscribe") as everything, alice.stream("/api/v1/messages/subscribe") as inbox:
        for stream in (everything, inbox):
            stream.until(lambda frame: frame.id is not None)
        written = bob.write_to(alice.id, "directly")
        assert [everything.next_message(), inbox.next_message()] == [written, written]
        made = alice.create_room()["id"]
        bob.post(made, "in a room made meanwhile")
        assert everything.next_message()["text"] == "in a room made meanwhile"
    assert alice.http.get(f"/api/v1/room/{room}").status_code == 200
    assert alice.poll(f"/api/v1/room/{room}/subscribe", after=0, wait=0)["events"]
    with alice.sign_in_again() as phone, phone.stream_room(room) as stream:
        phone.sign_out()
        assert stream.until_closed()[-1].event == "end", "a sign-out is heard of without Redis"


def test_a_client_resumes_while_redis_is_away(mended_valkey: Valkey, alice: Person, bob: Person, room: int) -> None:
    seen = bob.post(room, "seen")["id"]
    mended_valkey.stop()
    missed = [bob.post(room, f"missed {number}")["id"] for number in range(3)]
    with alice.stream_room(room, last_event_id=seen) as stream:
        everybody_gets([stream], missed)
    cursor = seen
    polled: list[int] = []
    while len(polled) < len(missed):
        answer = alice.poll(f"/api/v1/room/{room}/subscribe", after=cursor)
        polled += [event["id"] for event in answer["events"]]
        cursor = answer["cursor"]
    assert polled == missed


def test_redis_that_comes_back_empty_hides_nothing(
    mended_server: Server, mended_valkey: Valkey, bob: Person, room: int, streams: list[EventStream]
) -> None:
    everybody_gets(streams, [bob.post(room, "before")["id"]])
    with Redis.from_url(mended_valkey.url) as connection:
        connection.flushall()
    everybody_gets(streams, [bob.post(room, f"after {number}")["id"] for number in range(20)])
    the_log_is_whole(mended_valkey, mended_server)


def test_redis_that_neither_answers_nor_refuses_is_as_good_as_away(
    mended_server: Server, mended_valkey: Valkey, bob: Person, room: int, streams: list[EventStream]
) -> None:
    with paused(mended_valkey):
        everybody_gets(streams, [bob.post(room, f"while it hangs {number}")["id"] for number in range(10)])
        assert mended_server.is_ready()
    everybody_gets(streams, [bob.post(room, "when it answers again")["id"]])
    the_log_is_whole(mended_valkey, mended_server)


def test_a_server_that_starts_without_redis_serves_from_the_record(database_url: str, valkey: Valkey) -> None:
    url = valkey.url
    valkey.stop()
    with Server(database_url, url) as server, Person.sign_up(server.url, "alice") as alice:
        room = alice.create_room()["id"]
        with alice.stream_room(room, after=0) as stream:
            everybody_gets([stream], [alice.post(room, "hello")["id"]])
            valkey.start()
            the_log_is_whole(valkey, server)
            everybody_gets([stream], [alice.post(room, "hello again")["id"]])
