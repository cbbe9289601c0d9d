"""Typing: a signal without an id to the room's other streams. Long polls do not get it, and it is lost while Redis is away."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any

import gevent
import pytest

from chat.domain import signal
from chat.domain.close_reason import CloseReason
from chat.domain.event import room_channel
from chat.domain.record import Record, encode
from chat.domain.shapes.refs import RoomRef, UserRef
from chat.embedded import Valkey
from chat.live.hub import Hub
from chat.live.signals import SignalDelivery
from chat.live.subscriber import BACKLOG_BYTES, QueueSubscriber, Subscription
from tests.harness import http_client
from tests.harness.deadline import eventually
from tests.harness.people import Person
from tests.harness.responses import problem
from tests.harness.server import Server
from tests.harness.signals import next_signal, ref, room_ref, signals_until, type_in
from tests.harness.streams import EventStream, opened
from tests.harness.workers import on_each_worker, only

Room = dict[str, Any]


def opened_by(person: Person, path: str) -> EventStream:
    return opened(person.stream(path))


def typing(room: Room, person: Person) -> dict[str, Any]:
    return {"room": room_ref(room), "user": ref(person)}


def test_only_who_may_post_types(alice: Person, bob: Person) -> None:
    closed = alice.create_room(kind="closed")["id"]
    fleeting = alice.create_room(expires="when_empty")["id"]
    banned = alice.create_room()["id"]
    assert alice.http.put(f"/room/{banned}/bans/{bob.id}").status_code == 204
    assert bob.http.post(f"/room/{closed}/typing").status_code == 404
    assert bob.http.post(f"/room/{banned}/typing").status_code == 404
    assert bob.http.post("/room/nowhere/typing").status_code == 404
    assert problem(bob.http.post(f"/room/{fleeting}/typing"), 403)["title"].startswith("Only members")
    assert alice.http.delete(f"/room/{fleeting}").status_code == 204
    assert alice.http.post(f"/room/{fleeting}/typing").status_code == 410


def test_who_has_signed_out_types_no_more(alice: Person, bob: Person) -> None:
    room = alice.create_room()["id"]
    bob.sign_out()
    assert bob.http.post(f"/room/{room}/typing").status_code == 401


def test_a_third_person_hears_nothing_of_a_conversation(alice: Person, bob: Person, carol: Person) -> None:
    direct = alice.write_to(bob.name, "hi")["room"]
    lobby = alice.create_room()
    assert carol.http.post(f"/room/{direct['id']}/typing").status_code == 404
    with opened(carol.stream("/subscribe", room=lobby["id"])) as hers:
        type_in(alice, direct["id"])
        type_in(alice, lobby["id"])
        assert signals_until(hers, "typing", typing(lobby, alice)) == [typing(lobby, alice)]


def test_a_removed_member_hears_nothing_of_who_types_later(alice: Person, bob: Person) -> None:
    room, lobby = alice.create_room(kind="closed"), alice.create_room()
    assert bob.http.post(f"/room/{room['id']}/members", json={"invite_key": room["invite_key"]}).status_code == 204
    with opened(bob.stream("/subscribe", room=lobby["id"])) as his:
        assert alice.http.delete(f"/room/{room['id']}/members/{bob.id}").status_code == 204
        type_in(alice, room["id"])
        type_in(alice, lobby["id"])
        assert signals_until(his, "typing", typing(lobby, alice)) == [typing(lobby, alice)]


def test_who_types_does_not_hear_it(alice: Person, bob: Person) -> None:
    room = alice.create_room()
    with opened(alice.stream_room(room["id"])) as hers, opened(bob.stream_room(room["id"])) as his:
        type_in(alice, room["id"])
        assert next_signal(his, "typing") == typing(room, alice)
        type_in(bob, room["id"])
        assert next_signal(hers, "typing") == typing(room, bob)


def test_who_types_on_is_heard_once_in_a_while(alice: Person, bob: Person) -> None:
    """As often as a page may say it, at once."""
    room, lobby = alice.create_room(), alice.create_room()
    with opened(bob.stream(f"/subscribe?room={room['id']}&room={lobby['id']}")) as his:
        for _ in range(5):
            type_in(alice, room["id"])
        type_in(alice, lobby["id"])
        assert signals_until(his, "typing", typing(lobby, alice)) == [typing(room, alice), typing(lobby, alice)]


@pytest.mark.parametrize("path", ["/room/{room}/subscribe", "/subscribe?room={room}"])
def test_everybody_on_every_worker_hears_who_types_on_any(server: Server, alice: Person, bob: Person, path: str) -> None:
    rooms = [alice.create_room() for _ in range(server.workers)]
    for pid, room in zip(server.worker_pids(), rooms, strict=True):
        streams = on_each_worker(server, partial(opened_by, bob, path.format(room=room["id"])))
        with only(server, pid):
            headers = {"Authorization": f"Bearer {alice.token}"}
            assert http_client.post(f"{server.url}/room/{room['id']}/typing", headers=headers).status_code == 204
        assert [next_signal(stream, "typing") for stream in streams] == [typing(room, alice)] * server.workers
        for stream in streams:
            stream.close()


@pytest.mark.parametrize("path", ["/subscribe", "/messages/subscribe", "/room/{room}/subscribe"])
def test_the_other_one_of_a_conversation_hears_it(alice: Person, bob: Person, path: str) -> None:
    direct = alice.write_to(bob.name, "hi")["room"]
    with opened(bob.stream(path.format(room=direct["id"]))) as his:
        type_in(alice, direct["id"])
        assert next_signal(his, "typing") == typing(direct, alice)


def test_it_moves_no_cursor_and_comes_to_nobody_later(alice: Person, bob: Person) -> None:
    room = alice.create_room()
    with opened(bob.stream_room(room["id"])) as his:
        cursor = his.cursor
        type_in(alice, room["id"])
        next_signal(his, "typing")
        assert his.cursor == cursor
    posted = alice.post(room["id"], "done")["id"]
    with bob.stream_room(room["id"], last_event_id=cursor) as again:
        events = [frame.event for frame in again.until(lambda frame: frame.id == posted)]
        assert "typing" not in events
    assert alice.history(room["id"]) == ["done"]


def test_no_long_poll_hears_it(alice: Person, bob: Person) -> None:
    room = alice.create_room()
    cursor = bob.poll(f"/room/{room['id']}/subscribe")["cursor"]
    with ThreadPoolExecutor(1) as pool, opened(bob.stream_room(room["id"])) as his:
        polling = pool.submit(bob.poll, f"/room/{room['id']}/subscribe", cursor, 50)
        eventually(lambda: alice.http.get(f"/room/{room['id']}").json()["connections"] == 2)
        type_in(alice, room["id"])
        next_signal(his, "typing")
        alice.post(room["id"], "done")
        assert [event["kind"] for event in polling.result()["events"]] == ["message"]


def test_without_redis_nobody_hears_it_and_nobody_minds(mended_server: Server, mended_valkey: Valkey, dora: Person) -> None:
    room = dora.create_room()
    with Person.sign_up(mended_server.url, "emil") as emil, opened(emil.stream_room(room["id"])) as his:
        mended_valkey.stop()
        type_in(dora, room["id"])
        dora.post(room["id"], "still here")
        assert his.next_message()["text"] == "still here"
        mended_valkey.start()
        heard: list[str | None] = []

        def is_heard() -> bool:
            type_in(dora, room["id"])
            dora.post(room["id"], "tick")
            heard.extend(frame.event for frame in his.until(lambda frame: frame.is_message))
            return "typing" in heard

        eventually(is_heard, 30.0)


# What a worker does with a signal

WITHIN_SECONDS = 10.0
ROOM, BOB = RoomRef(3, "lobby", "open"), UserRef(2, "bob")
JOIN = Record(8, "join", 3, "open", "lobby", 9, "emil", None, None, None, datetime.now(UTC))


def listening(hub: Hub, user_id: int, *, polls: bool = False) -> QueueSubscriber:
    subscriber = QueueSubscriber(user_id, user_id, Subscription(polls=polls))
    hub.register(subscriber, [room_channel(ROOM.id)])
    return subscriber


@pytest.fixture
def hub() -> Hub:
    made = Hub(15.0)
    made.begin(7, [])
    return made


def test_a_client_that_is_behind_is_not_told(hub: Hub) -> None:
    slow, quick = listening(hub, 5), listening(hub, 6)
    slow.write(b"x")
    said = signal.typing(ROOM, BOB, [], as_of=7)
    SignalDelivery(hub).deliver(said)
    assert (slow.backlog, quick.backlog) == (1, len(said.frame))
    assert slow.backlog < BACKLOG_BYTES and not slow.closed


def test_in_a_crowd_nobody_is_told(hub: Hub) -> None:
    crowd = [listening(hub, number) for number in range(10, 11 + signal.MAX_SUBSCRIBERS)]
    SignalDelivery(hub).deliver(signal.typing(ROOM, BOB, [], as_of=7))
    assert not any(subscriber.backlog for subscriber in crowd)
    crowd.pop().close(CloseReason.GONE)
    SignalDelivery(hub).deliver(signal.typing(ROOM, BOB, [], as_of=7))
    assert all(subscriber.backlog for subscriber in crowd)


def test_it_waits_for_the_hub_to_know_the_rights_of_then(hub: Hub) -> None:
    """Somebody who was removed before it was said is not taken out yet on this worker."""
    early, late = (signal.typing(ROOM, UserRef(number, "somebody"), [], as_of=number) for number in (7, 8))
    chunks = listening(hub, 5).chunks()
    delivery = SignalDelivery(hub)
    delivery.start()
    for said in (signal.encode_signals([late]), b"of another version", signal.encode_signals([early])):
        delivery.receive(said)
    assert next_chunk(chunks) == early.frame, "the other one was dropped"
    delivery.receive(signal.encode_signals([late]))
    hub.deliver([encode(JOIN)])
    assert (next_chunk(chunks), next_chunk(chunks)) == (encode(JOIN).frame, late.frame)


def next_chunk(chunks: Iterator[bytes]) -> bytes:
    with gevent.Timeout(WITHIN_SECONDS):
        return next(chunks)
