"""Presence frames: the streams of a small room are told once who comes and who goes. Nobody else is."""

from contextlib import ExitStack, suppress
from typing import Any

import pytest

from chat.domain.signal import MAX_PRESENCE_STREAMS
from chat.embedded import Valkey
from chat.upkeep.presence_diff import PresenceDiff
from tests.harness.deadline import eventually
from tests.harness.people import Person
from tests.harness.server import Server
from tests.harness.signals import next_signal, ref
from tests.harness.streams import EventStream, opened
from tests.harness.workers import on_each_worker

Room = dict[str, Any]


def frame(room: int, person: Person, present: bool) -> dict[str, Any]:
    return {"room": {"id": room}, "user": ref(person), "present": present}


def told_until(stream: EventStream, last: dict[str, Any]) -> list[tuple[str, bool]]:
    """Whom a stream is told of, up to and with this frame."""
    frames = stream.until(lambda frame: frame.event == "presence" and frame.json() == last, 20.0)
    assert all(frame.id is None for frame in frames if frame.event == "presence")
    return [(frame.json()["user"]["name"], frame.json()["present"]) for frame in frames if frame.event == "presence"]


def told_of(person: Person, told: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    return [each for each in told if each[0] == person.name]


def arrived(stream: EventStream, person: Person, room: int) -> EventStream:
    """One whose own arrival was told, so that what comes later is the others'."""
    opened(stream)
    told_until(stream, frame(room, person, True))
    return stream


def test_nobody_else_is_told(alice: Person, bob: Person, carol: Person, room: int) -> None:
    """Not in another room, and not of a closed one: what is told last proves what was not before."""
    closed = alice.create_room(kind="closed")["id"]
    with arrived(bob.stream_room(room), bob, room) as his, opened(alice.stream_room(closed)), opened(carol.stream_room(room)):
        assert told_until(his, frame(room, carol, True)) == [(carol.name, True)]


def test_who_comes_is_told_to_every_worker_and_who_goes_too(server: Server, alice: Person, bob: Person, room: int) -> None:
    streams = on_each_worker(server, lambda: opened(bob.stream_room(room)))
    with opened(alice.stream_room(room)):
        for stream in streams:
            told_until(stream, frame(room, alice, True))
    for stream in streams:
        assert told_of(alice, told_until(stream, frame(room, alice, False))) == [(alice.name, False)]
        stream.close()


def test_who_follows_all_of_their_rooms_comes_to_each(alice: Person, bob: Person, room: int) -> None:
    assert bob.http.post(f"/room/{room}/members").status_code == 204
    with arrived(alice.stream_room(room), alice, room) as hers, opened(bob.stream("/subscribe")):
        assert next_signal(hers, "presence") == frame(room, bob, True)


def test_who_joins_while_a_stream_is_open_comes(alice: Person, bob: Person, room: int) -> None:
    with arrived(alice.stream_room(room), alice, room) as hers, opened(bob.stream("/subscribe")):
        assert bob.http.post(f"/room/{room}/members").status_code == 204
        assert next_signal(hers, "presence") == frame(room, bob, True)
        assert alice.http.delete(f"/room/{room}/members/{bob.id}").status_code == 204
        assert next_signal(hers, "presence") == frame(room, bob, False)


def test_who_has_another_stream_has_not_come_again_nor_gone(server: Server, alice: Person, bob: Person, carol: Person, room: int) -> None:
    """On whatever worker it is."""
    with arrived(bob.stream_room(room), bob, room) as his, opened(alice.stream_room(room)) as first:
        told_until(his, frame(room, alice, True))
        others = on_each_worker(server, lambda: opened(alice.stream_room(room)))
        first.close()
        others[0].close()
        with opened(carol.stream_room(room)):
            assert told_until(his, frame(room, carol, True)) == [(carol.name, True)]
        assert told_until(his, frame(room, carol, False)) == [(carol.name, False)], "who went before would have been told before"
        others[1].close()
        assert told_until(his, frame(room, alice, False)) == [(alice.name, False)]


def test_in_a_crowd_nobody_is_told(server: Server, alice: Person, bob: Person, carol: Person, room: int) -> None:
    quiet = alice.create_room()["id"]
    with ExitStack() as stack:
        for number in range(MAX_PRESENCE_STREAMS // server.workers):
            on_each = on_each_worker(server, lambda: alice.stream_room(room)) if number < 1 else [alice.stream_room(room) for _ in range(2)]
            for stream in on_each:
                stack.enter_context(opened(stream))
        path = f"/subscribe?room={room}&room={quiet}"
        his = stack.enter_context(opened(bob.stream(path)))
        eventually(lambda: alice.http.get(f"/room/{room}").json()["connections"] == MAX_PRESENCE_STREAMS + 1)
        told_until(his, frame(quiet, bob, True))
        stack.enter_context(opened(carol.stream(path)))
        frames = his.until(lambda heard: heard.event == "presence" and heard.json() == frame(quiet, carol, True))
        assert [heard.json()["room"]["id"] for heard in frames if heard.event == "presence"] == [quiet]


def test_without_redis_nobody_is_told_and_what_comes_later_is(mended_server: Server, mended_valkey: Valkey, dora: Person) -> None:
    room = dora.create_room()["id"]
    with Person.sign_up(mended_server.url, "emil") as emil, arrived(dora.stream_room(room), dora, room) as hers:
        mended_valkey.stop()
        with opened(emil.stream_room(room)):
            posted = emil.post(room, "here I am")["id"]
            frames = hers.until(lambda heard: heard.id == posted)
            assert "presence" not in [heard.event for heard in frames]
        mended_valkey.start()

        def is_told() -> bool:
            """Of each newcomer once: the next one may be it."""
            with Person.sign_up(mended_server.url, "fred") as fred, opened(fred.stream_room(room)), suppress(TimeoutError):
                return bool(hers.until(lambda heard: heard.event == "presence" and heard.json() == frame(room, fred, True), 2.0))
            return False

        eventually(is_told, 40.0)


# What one worker says of a room


def test_who_comes_is_news_once() -> None:
    diff = PresenceDiff()
    assert diff.update(3, {10, 11}) == ({10, 11}, {10, 11}, set())
    assert diff.update(3, {10, 11, 12}) == ({10, 11, 12}, {12}, set())
    assert diff.update(4, {10}) == ({10}, {10}, set())
    assert diff.expired() == set()


def test_who_loads_the_page_again_has_not_been_away() -> None:
    diff = PresenceDiff()
    diff.update(3, {10, 11})
    assert diff.update(3, {11}) == ({10, 11}, set(), set())
    assert diff.update(3, {10, 11}) == ({10, 11}, set(), set())
    assert diff.expired() == set()


def test_who_stays_away_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    diff = PresenceDiff()
    diff.update(3, {10, 11})
    monkeypatch.setattr("chat.upkeep.presence_diff.LINGER_SECONDS", 0.0)
    assert diff.update(3, {11}) == ({11}, set(), {10})
    assert diff.update(3, {11}) == ({11}, set(), set())


def test_a_room_is_looked_at_again_when_somebody_has_lingered() -> None:
    diff = PresenceDiff()
    diff.update(3, {10})
    diff.update(3, set())
    assert diff.expired() == set()
    eventually(lambda: diff.expired() == {3})
    assert diff.update(3, set()) == (set(), set(), {10})
    assert diff.expired() == set()


def test_what_was_lost_is_said_again_without_news() -> None:
    diff = PresenceDiff()
    diff.update(3, {10})
    diff.reset({3: {10, 11}})
    assert diff.update(3, {10, 11}) == ({10, 11}, set(), set())
