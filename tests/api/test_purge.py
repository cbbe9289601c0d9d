"""A purged room leaves no text of its messages: in PostgreSQL, in Redis, in a worker's tail or on the disk."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from chat.domain.event import Event
from chat.embedded import Valkey
from chat.services.log_stream import Log
from tests.harness.deadline import eventually
from tests.harness.find_text import in_database, in_files, in_redis, in_tails
from tests.harness.lagging_worker import lagging_worker
from tests.harness.people import Person, unique
from tests.harness.redis_log import log_ids
from tests.harness.responses import problem
from tests.harness.server import Server
from tests.harness.tables import execute, log_head

WSGI = "tests.harness.tail_endpoint_wsgi:app"
LONG_SECONDS = 40.0
PURGED = "SELECT id FROM rooms WHERE id = ANY (:rooms) AND purged_at IS NOT NULL"
WHAT_IS_LEFT = "SELECT array_agg(kind) FROM events WHERE room_id = :room"
SAID = "SELECT id FROM events WHERE room_id = :room AND kind = 'message' ORDER BY id"
CLOSED = """
    WITH taken AS (UPDATE log SET head = head + 1 RETURNING head), ended AS (UPDATE rooms SET ended_at = now() WHERE id = :room)
    INSERT INTO events (id, kind, room_id, reason) SELECT head, 'room_closed', :room, 'operator' FROM taken
"""
COUNTS = "SELECT messages, bytes FROM rooms WHERE id = :room"
EXPIRE_NOW = "UPDATE rooms SET expires_at = now() WHERE id = :room"
LOG = "chat:log"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def module_options(folder: Path) -> dict[str, Any]:
    """Two workers with an endpoint that shows their tails."""
    return {"settings": {"FILES_URL": str(folder)}, "wsgi": WSGI}


@pytest.fixture
def server(mended_server: Server) -> Server:
    """Alice and bob use the server that the tests stop and kill."""
    return mended_server


@pytest.fixture
def lobby(alice: Person) -> int:
    """A room that stays."""
    made: int = alice.create_room("lobby")["id"]
    return made


@pytest.fixture
def hers(dora: Person) -> int:
    """A room of dora's that stays."""
    made: int = dora.create_room("lobby")["id"]
    return made


def close(person: Person, room: int) -> None:
    assert person.http.delete(f"/room/{room}").status_code == 204


def purged(server: Server, *rooms: int) -> set[int]:
    return {room for (room,) in execute(server.database_url, PURGED, {"rooms": list(rooms)})}


def is_purged(server: Server, *rooms: int) -> None:
    eventually(lambda: purged(server, *rooms) == set(rooms), LONG_SECONDS)


def talk(alice: Person, room: int, lobby: int, secret: str) -> list[int]:
    """Posts messages with the secret between others. Returns their ids."""
    said = []
    for number in range(10):
        said.append(alice.post(room, f"{secret} {number}")["id"])
        alice.post(lobby, f"in the lobby {lobby}: {number}")
    return said


# Where a secret is looked for


@pytest.mark.parametrize("making", [{"expires_in": 20}, {"expires": "when_empty"}, {}, {"expires_in": 20, "kind": "closed"}], ids=str)
def test_nothing_that_was_said_in_a_room_is_found_after_its_end(
    server: Server, folder: Path, alice: Person, lobby: int, making: dict[str, Any]
) -> None:
    room, secret = alice.create_room(**making)["id"], unique("the-secret-of-the-room")
    said = talk(alice, room, lobby, secret)
    with alice.stream_room(room) as stream:
        stream.until(lambda frame: frame.id is not None)
        uploaded = alice.http.post(
            f"/room/{room}/files", files={"file": (f"{secret}.txt", f"all about {secret}".encode())}, data={"text": secret}
        )
        assert uploaded.status_code == 201
        stream.until(lambda frame: frame.event == "file")
        assert in_database(server.database_url, secret) == {"events.text", "files.name"}
        assert in_redis(server.redis_url, secret) == {LOG}
        assert in_files(folder, secret)
        eventually(lambda: in_tails(server, secret) == 2)
        close(alice, room)
        is_purged(server, room)
        assert stream.until_closed()[-1].event == "end"
    assert in_database(server.database_url, secret) == set()
    assert in_redis(server.redis_url, secret) == set()
    assert in_files(folder, secret) == set()
    assert in_tails(server, secret) == 0
    assert execute(server.database_url, WHAT_IS_LEFT, {"room": room}) == [(["room_closed"],)]
    assert execute(server.database_url, COUNTS, {"room": room}) == [(0, 0)]
    assert not set(said) & set(log_ids(server.redis_url))
    assert alice.history(lobby) == [f"in the lobby {lobby}: {number}" for number in range(10)]


def test_a_room_that_expired_is_purged_without_anybody_asking(server: Server, alice: Person, lobby: int) -> None:
    room, secret = alice.create_room(expires_in=20)["id"], unique("secret")
    talk(alice, room, lobby, secret)
    execute(server.database_url, EXPIRE_NOW, {"room": room})
    is_purged(server, room)
    assert (in_database(server.database_url, secret), in_redis(server.redis_url, secret), in_tails(server, secret)) == (set(), set(), 0)


def test_a_room_that_lives_is_not_touched(server: Server, alice: Person, lobby: int) -> None:
    room, other = alice.create_room(expires_in=20)["id"], alice.create_room(expires_in=20)["id"]
    talk(alice, room, lobby, "ended")
    talk(alice, other, lobby, "living")
    close(alice, room)
    is_purged(server, room)
    assert alice.history(other) == [f"living {number}" for number in range(10)]
    assert in_redis(server.redis_url, "living") == {LOG} and in_tails(server, "living") == 2


# When


def test_a_worker_that_has_not_told_its_streams_yet_is_waited_for(server: Server, alice: Person, lobby: int) -> None:
    """It has received the first room's end and not the second's."""
    heard, unheard, secret = alice.create_room()["id"], alice.create_room()["id"], unique("secret")
    talk(alice, unheard, lobby, secret)
    close(alice, heard)
    with lagging_worker(server.redis_url, log_head(server.database_url)) as late:
        close(alice, unheard)
        is_purged(server, heard)
        assert purged(server, unheard) == set()
        assert in_database(server.database_url, secret) == {"events.text"}
        late.advance(log_head(server.database_url))
        is_purged(server, unheard)


def test_a_killed_worker_is_not_waited_for(mended_server: Server, dora: Person, hers: int) -> None:
    room, secret = dora.create_room()["id"], unique("secret")
    talk(dora, room, hers, secret)
    mended_server.kill_worker(mended_server.worker_pids()[0])
    with dora.sign_in_again() as fresh:
        close(fresh, room)
    is_purged(mended_server, room)
    assert in_redis(mended_server.redis_url, secret) == set()


def test_while_redis_is_away_the_purge_waits(mended_server: Server, mended_valkey: Valkey, dora: Person, hers: int) -> None:
    room, secret = dora.create_room()["id"], unique("secret")
    talk(dora, room, hers, secret)
    mended_valkey.stop()
    close(dora, room)
    with dora.stream_room(hers) as stream:
        stream.until(lambda frame: frame.event == "heartbeat")
        stream.until(lambda frame: frame.event == "heartbeat")
    assert purged(mended_server, room) == set()
    mended_valkey.start()
    is_purged(mended_server, room)
    assert (in_database(mended_server.database_url, secret), in_redis(mended_server.redis_url, secret)) == (set(), set())
    eventually(lambda: in_tails(mended_server, secret) == 0)


def test_what_stopped_in_the_middle_is_finished_by_the_next_start(mended_server: Server, dora: Person, hers: int) -> None:
    """The rows are gone and the log's entries are not, as if all workers were killed in between."""
    room, secret = dora.create_room()["id"], unique("secret")
    talk(dora, room, hers, secret)
    for pid in mended_server.worker_pids():
        mended_server.kill_worker(pid)
    mended_server.stop()
    execute(mended_server.database_url, CLOSED, {"room": room})
    execute(mended_server.database_url, "DELETE FROM events WHERE room_id = :room AND kind <> 'room_closed'", {"room": room})
    assert in_redis(mended_server.redis_url, secret) == {LOG}
    mended_server.start()
    is_purged(mended_server, room)
    assert in_redis(mended_server.redis_url, secret) == set() and in_tails(mended_server, secret) == 0


# What others notice of it: nothing


def test_a_worker_that_starts_later_loads_nothing_of_it(mended_server: Server, dora: Person, hers: int) -> None:
    before = log_head(mended_server.database_url)
    room, secret = dora.create_room()["id"], unique("secret")
    talk(dora, room, hers, secret)
    close(dora, room)
    is_purged(mended_server, room)
    mended_server.reload()
    assert in_tails(mended_server, secret) == 0
    assert in_tails(mended_server, f"in the lobby {hers}:") == 2, "the rest is there"
    with dora.sign_in_again() as fresh, fresh.stream("/subscribe", after=before) as stream:
        assert stream.messages_until(f"in the lobby {hers}: 9") == [f"in the lobby {hers}: {number}" for number in range(10)]
        posted = fresh.post(hers, "and on")
        assert stream.next_message() == posted


def test_a_worker_that_starts_between_the_end_and_the_purge_forgets_it_too(mended_server: Server, dora: Person, hers: int) -> None:
    """It reads the messages from the log, and the end after them."""
    room, secret = dora.create_room()["id"], unique("secret")
    talk(dora, room, hers, secret)
    with lagging_worker(mended_server.redis_url, 0):
        close(dora, room)
        mended_server.reload()
        assert in_redis(mended_server.redis_url, secret) == {LOG}
        assert in_tails(mended_server, secret) == 0
        assert in_tails(mended_server, f"in the lobby {hers}:") == 2, "the rest is there"
    is_purged(mended_server, room)


def test_the_log_begins_anew_without_it(mended_server: Server, mended_valkey: Valkey, dora: Person, hers: int) -> None:
    room, secret = dora.create_room()["id"], unique("secret")
    talk(dora, room, hers, secret)
    close(dora, room)
    is_purged(mended_server, room)
    with Redis.from_url(mended_valkey.url) as redis:
        redis.flushall()
    with dora.stream_room(hers) as stream:
        stream.until(lambda frame: frame.id is not None)
        posted = [dora.post(hers, f"after {number}") for number in range(5)]
        assert [stream.next_message() for _ in posted] == posted
    eventually(lambda: bool(held := log_ids(mended_server.redis_url)) and held[-1] == log_head(mended_server.database_url))
    assert in_redis(mended_server.redis_url, secret) == set()


def test_streams_of_other_rooms_miss_nothing_meanwhile(server: Server, alice: Person, bob: Person, lobby: int) -> None:
    rooms = [alice.create_room()["id"] for _ in range(5)]
    with bob.stream_room(lobby) as stream:
        stream.until(lambda frame: frame.id is not None)
        for room in rooms:
            talk(alice, room, lobby, "said before")
            close(alice, room)
        while purged(server, *rooms) != set(rooms):
            alice.post(lobby, "meanwhile")
        last = alice.post(lobby, "the last one")["id"]
        heard = [frame.id for frame in stream.until(lambda frame: frame.id == last, LONG_SECONDS) if frame.is_message]
    assert heard == [event_id for (event_id,) in execute(server.database_url, SAID, {"room": lobby})]
    with bob.stream_room(lobby, after=0) as again:
        assert [frame.id for frame in again.until(lambda frame: frame.id == last) if frame.is_message] == heard


def test_a_repeated_post_to_a_room_that_is_purged_is_told_so(server: Server, alice: Person, lobby: int) -> None:
    room = alice.create_room()["id"]
    key = {"Idempotency-Key": "once"}
    assert alice.http.post(f"/room/{room}/messages", json={"text": "hi"}, headers=key).status_code == 201
    close(alice, room)
    is_purged(server, room)
    for _ in range(2):
        problem(alice.http.post(f"/room/{room}/messages", json={"text": "hi"}, headers=key), 410)


# The log by itself


def said(event_id: int, room: int, kind: Any = "message") -> Event:
    return Event(event_id, kind, room, 1, None, None, b"frame")


@pytest.fixture
def log(redis_url: str) -> Iterator[Log]:
    with Redis.from_url(redis_url) as redis:
        yield Log(redis, redis)


def held(log: Log) -> list[int]:
    return [event.id for event in log.newest(10_000, "first")]


def test_the_log_drops_the_rooms_that_ended_and_keeps_their_end(log: Log) -> None:
    log.append(0, [said(1, 7, "join"), said(2, 8), said(3, 7), said(4, 9), said(5, 9, "room_closed"), said(6, 7, "room_closed")], "first")
    assert log.forget([7, 9], 6) == 3
    assert held(log) == [2, 5, 6]
    assert log.forget([7, 9], 6) == 0


def test_the_log_drops_nothing_before_it_reaches_the_end_of_the_room(log: Log) -> None:
    """The next append is compared with its newest entry."""
    assert log.forget([7], 3) is None
    log.append(0, [said(1, 7), said(2, 7)], "first")
    assert log.forget([7], 3) is None
    assert held(log) == [1, 2]
    assert log.append(2, [said(3, 7, "room_closed")], "first") == 3
    assert log.forget([7], 3) == 2
    assert log.append(3, [said(4, 8)], "first") == 4
    assert held(log) == [3, 4]


def test_the_log_is_looked_through_page_by_page(log: Log) -> None:
    log.append(0, [said(number, 7 + number % 2) for number in range(1, 1001)] + [said(1001, 7, "room_closed")], "first")
    assert log.forget([7], 1001) == 500
    assert held(log) == [*range(1, 1000, 2), 1001]
