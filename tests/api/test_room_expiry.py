"""Room expiry: by the clock, and when a room is empty. A room expires once, on any number of workers."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chat.embedded import Valkey
from tests.harness.deadline import eventually
from tests.harness.frames import Frame
from tests.harness.people import Person
from tests.harness.responses import problem
from tests.harness.server import Server
from tests.harness.streams import EventStream, opened
from tests.harness.tables import execute
from tests.harness.workers import on_each_worker, only

GRACE = {"EMPTY_GRACE_SECONDS": "1"}
SOON_HOURS = 0.0005  # 1.8 s
LONG_SECONDS = 40.0  # a killed worker's lease runs out, and then the grace time
ENDS = "SELECT room_id, reason, id FROM events WHERE kind = 'room_closed' AND room_id = ANY (:rooms)"
EMPTY = "SELECT empty_since IS NOT NULL, ended_at IS NOT NULL FROM rooms WHERE id = :room"
EXPIRE_NOW = "UPDATE rooms SET expires_at = now() - interval '1 minute' WHERE id = ANY (:rooms)"


@pytest.fixture(scope="module")
def module_options() -> dict[str, Any]:
    """Two workers with a grace time of one second."""
    return {"settings": GRACE}


@pytest.fixture
def server(mended_server: Server) -> Server:
    """Alice and bob use the server that the tests stop and kill."""
    return mended_server


def ends(server: Server, *rooms: int) -> list[tuple[Any, ...]]:
    """Room and reason of every room_closed event of these rooms."""
    return sorted(found[:2] for found in execute(server.database_url, ENDS, {"rooms": list(rooms)}))


def has_ended(server: Server, *rooms: int, within: float = LONG_SECONDS) -> list[tuple[Any, ...]]:
    eventually(lambda: {room for room, _ in ends(server, *rooms)} == set(rooms), within)
    return ends(server, *rooms)


def is_empty(server: Server, room: int) -> bool:
    """Whether the service noticed that nobody is in a living room."""
    [(empty, ended)] = execute(server.database_url, EMPTY, {"room": room})
    assert not ended, "the room lives"
    return bool(empty)


def until_the_end(stream: EventStream) -> list[Frame]:
    """All frames but heartbeats, up to the end."""
    return [frame for frame in stream.until_closed(LONG_SECONDS) if frame.event not in (None, "heartbeat", "presence")]


# By the clock


def test_a_room_ends_at_its_hour_with_one_last_event_on_every_worker(server: Server, alice: Person) -> None:
    room = alice.create_room(expires_in=SOON_HOURS)["id"]
    streams = on_each_worker(server, lambda: alice.stream_room(room))
    for stream in streams:
        assert [frame.event for frame in until_the_end(stream)] == ["room_closed", "end"]
    assert ends(server, room) == [(room, "expired")]


def test_a_stream_of_several_rooms_outlives_one_of_them(server: Server, alice: Person) -> None:
    room, other = alice.create_room(expires_in=SOON_HOURS)["id"], alice.create_room()["id"]
    with alice.stream("/subscribe") as stream:
        closed = stream.until(lambda frame: frame.event == "room_closed")[-1].json()
        assert (closed["room"]["id"], closed["reason"]) == (room, "expired")
        alice.post(other, "still here")
        assert stream.next_message()["text"] == "still here"


def test_the_end_comes_after_the_last_message_that_was_accepted(server: Server, alice: Person) -> None:
    room = alice.create_room(expires_in=SOON_HOURS)["id"]
    with opened(alice.stream_room(room)) as stream:
        accepted = []
        while (answer := alice.http.post(f"/room/{room}/messages", json={"text": "hi"})).status_code == 201:
            accepted.append(answer.json()["id"])
        problem(answer, 410)
        frames = until_the_end(stream)
    assert accepted and [frame.id for frame in frames if frame.is_message] == accepted
    assert [frame.event for frame in frames[-2:]] == ["room_closed", "end"]
    assert (frames[-2].id or 0) > accepted[-1]


def test_rooms_that_end_at_the_same_moment_end_once_each(server: Server, alice: Person) -> None:
    with ThreadPoolExecutor(8) as pool:
        rooms = list(pool.map(lambda _: alice.create_room(expires_in=20)["id"], range(40)))
    execute(server.database_url, EXPIRE_NOW, {"rooms": rooms})
    assert has_ended(server, *rooms) == [(room, "expired") for room in sorted(rooms)]


def test_rooms_whose_hour_came_while_the_service_was_down_end_when_it_is_back(mended_server: Server, dora: Person) -> None:
    rooms = [dora.create_room(expires_in=20)["id"] for _ in range(3)]
    mended_server.stop()
    execute(mended_server.database_url, EXPIRE_NOW, {"rooms": rooms})
    mended_server.start()
    assert has_ended(mended_server, *rooms) == [(room, "expired") for room in rooms]
    with dora.stream("/subscribe", after=0) as stream:
        assert stream.until(lambda frame: frame.event == "room_closed")[-1].json()["room"]["id"] in rooms


def test_a_room_ends_at_its_hour_without_redis(mended_server: Server, mended_valkey: Valkey, dora: Person) -> None:
    room = dora.create_room(expires_in=20)["id"]
    with opened(dora.stream_room(room)) as stream:
        mended_valkey.stop()
        execute(mended_server.database_url, EXPIRE_NOW, {"rooms": [room]})
        assert [frame.event for frame in until_the_end(stream)] == ["room_closed", "end"]
    assert ends(mended_server, room) == [(room, "expired")]


def test_a_room_ends_although_the_workers_that_saw_its_making_are_gone(mended_server: Server, dora: Person) -> None:
    room = dora.create_room(expires_in=SOON_HOURS)["id"]
    for pid in mended_server.worker_pids():
        mended_server.kill_worker(pid)
    assert has_ended(mended_server, room) == [(room, "expired")]


def test_a_room_ends_although_the_database_failed_at_its_hour(mended_server: Server, dora: Person) -> None:
    room = dora.create_room(expires_in=20)["id"]
    execute(mended_server.database_url, "ALTER TABLE rooms RENAME TO rooms_away")
    eventually(lambda: "RoomExpiry.expire failed, and is tried again" in mended_server.log())
    execute(mended_server.database_url, EXPIRE_NOW.replace("rooms ", "rooms_away "), {"rooms": [room]})
    execute(mended_server.database_url, "ALTER TABLE rooms_away RENAME TO rooms")
    assert has_ended(mended_server, room) == [(room, "expired")]


# When empty: ended


def test_a_room_ends_when_its_last_member_leaves(server: Server, alice: Person, bob: Person) -> None:
    room = alice.create_room(expires="when_empty")["id"]
    assert bob.http.post(f"/room/{room}/members").status_code == 204
    with opened(bob.stream_room(room)) as stream:
        for person in (alice, bob):
            assert person.http.delete(f"/room/{room}/members/me").status_code == 204
        assert [frame.event for frame in until_the_end(stream)][-1] == "end"
    assert has_ended(server, room) == [(room, "empty")]


def test_a_room_ends_when_nobody_ever_comes(server: Server, alice: Person) -> None:
    room = alice.create_room(expires="when_empty")["id"]
    assert has_ended(server, room) == [(room, "empty")]
    problem(alice.http.get(f"/room/{room}"), 410)


def test_a_room_ends_when_its_members_stay_away(server: Server, alice: Person, bob: Person) -> None:
    room = alice.create_room(expires="when_empty")["id"]
    with opened(alice.stream_room(room)):
        assert bob.http.post(f"/room/{room}/members").status_code == 204
        with opened(bob.stream("/subscribe")):
            eventually(lambda: not is_empty(server, room))
    assert has_ended(server, room) == [(room, "empty")]


def test_a_killed_worker_keeps_no_room_alive(mended_server: Server, dora: Person) -> None:
    room = dora.create_room(expires="when_empty")["id"]
    victim = mended_server.worker_pids()[0]
    with only(mended_server, victim):
        stream = opened(dora.stream_room(room))
    eventually(lambda: set(on_each_worker(mended_server, lambda: present(mended_server, dora, room))) == {True})
    mended_server.kill_worker(victim)
    assert has_ended(mended_server, room) == [(room, "empty")]
    stream.close()


def present(server: Server, person: Person, room: int) -> bool:
    with person.sign_in_again() as fresh:
        members = fresh.http.get(f"/room/{room}/members").json()
    return any(member["present"] for member in members)


# When empty: kept


def test_a_page_that_is_reloaded_keeps_its_room(server: Server, alice: Person) -> None:
    """The end of another room, which stays empty, shows that the grace time has passed."""
    room, left = (alice.create_room(expires="when_empty")["id"] for _ in range(2))
    opened(alice.stream_room(room)).close()
    eventually(lambda: is_empty(server, room))
    with opened(alice.stream_room(room)) as stream:
        assert has_ended(server, left) == [(left, "empty")]
        eventually(lambda: not is_empty(server, room))
        alice.post(room, "back again")
        assert stream.next_message()["text"] == "back again"


def test_a_long_poll_keeps_its_room(server: Server, alice: Person) -> None:
    room = alice.create_room(expires="when_empty")["id"]
    left = alice.create_room(expires="when_empty")["id"]
    cursor = alice.poll(f"/room/{room}/subscribe")["cursor"]
    while not ends(server, left):
        cursor = alice.poll(f"/room/{room}/subscribe", after=cursor, wait=1)["cursor"]
    assert ends(server, room) == []


def test_one_worker_that_has_somebody_is_enough(server: Server, alice: Person) -> None:
    """Whichever worker checks: the stream is on one worker, and each worker gets a turn."""
    room = alice.create_room(expires="when_empty")["id"]
    with only(server, server.worker_pids()[0]):
        stream = opened(alice.stream_room(room))
    left = alice.create_room(expires="when_empty")["id"]
    assert has_ended(server, left)
    assert not is_empty(server, room)
    stream.close()


def test_no_room_ends_for_emptiness_while_redis_is_away(mended_server: Server, mended_valkey: Valkey, dora: Person) -> None:
    """The other worker's streams are unknown. The expiry of a timed room shows that time has passed."""
    room = dora.create_room(expires="when_empty")["id"]
    mended_valkey.stop()
    clock = dora.create_room(expires_in=4 * SOON_HOURS)["id"]
    assert has_ended(mended_server, clock) == [(clock, "expired")]
    assert ends(mended_server, room) == []
    mended_valkey.start()
    assert has_ended(mended_server, room) == [(room, "empty")]


def test_redis_that_comes_back_empty_ends_no_room_that_has_somebody(mended_server: Server, mended_valkey: Valkey, dora: Person) -> None:
    room = dora.create_room(expires="when_empty")["id"]
    with only(mended_server, mended_server.worker_pids()[0]):
        stream = opened(dora.stream_room(room))
    mended_valkey.stop()
    mended_valkey.start()
    left = dora.create_room(expires="when_empty")["id"]
    assert has_ended(mended_server, left) == [(left, "empty")]
    assert not is_empty(mended_server, room)
    dora.post(room, "here all the time")
    assert stream.next_message()["text"] == "here all the time"
    stream.close()


def test_a_worker_without_redis_keeps_the_rooms_of_its_streams(mended_server: Server, mended_valkey: Valkey, dora: Person) -> None:
    """The worker corrects the database, which it can reach."""
    room = dora.create_room(expires="when_empty")["id"]
    with opened(dora.stream_room(room)):
        mended_valkey.stop()
        execute(mended_server.database_url, "UPDATE rooms SET empty_since = now() WHERE id = :room", {"room": room})
        eventually(lambda: not is_empty(mended_server, room))
