"""Presence: a user is present in a room while they have an open stream that covers it, on any living worker."""

from contextlib import ExitStack

import pytest
from redis import Redis

from chat.embedded import Valkey
from chat.services.leases import Leases
from tests.harness import http_client
from tests.harness.deadline import eventually
from tests.harness.people import Person
from tests.harness.server import Server
from tests.harness.streams import EventStream, opened
from tests.harness.workers import on_each_worker, only

LONG_SECONDS = 40.0  # a killed worker's lease runs out


def present(server: Server, room: int, asker: Person) -> list[set[int]]:
    """What each worker says of who is there."""
    headers = {"Authorization": f"Bearer {asker.token}"}

    def ask() -> set[int]:
        members = http_client.get(f"{server.url}/room/{room}/members", headers=headers).json()
        return {member["user"]["id"] for member in members if member["present"]}

    return on_each_worker(server, ask)


def everybody_sees(server: Server, room: int, asker: Person, *people: Person) -> None:
    wanted = [{person.id for person in people}] * server.workers
    eventually(lambda: present(server, room, asker) == wanted, LONG_SECONDS)


@pytest.fixture
def room(alice: Person, bob: Person) -> int:
    made: int = alice.create_room()["id"]
    assert bob.http.post(f"/room/{made}/members").status_code == 204
    return made


def test_nobody_is_present_without_a_stream(server: Server, alice: Person, room: int) -> None:
    assert present(server, room, alice) == [set()] * server.workers


@pytest.mark.parametrize("path", ["/room/{room}/subscribe", "/subscribe", "/subscribe?room={room}"])
def test_who_listens_is_present_everywhere_and_who_stops_is_not(server: Server, alice: Person, bob: Person, room: int, path: str) -> None:
    with opened(alice.stream(path.format(room=room))):
        everybody_sees(server, room, bob, alice)
        with opened(bob.stream(path.format(room=room))):
            everybody_sees(server, room, bob, alice, bob)
        everybody_sees(server, room, bob, alice)
    everybody_sees(server, room, bob)


def test_a_long_poll_is_presence(server: Server, alice: Person, bob: Person, room: int) -> None:
    cursor = alice.poll(f"/room/{room}/subscribe")["cursor"]
    with ExitStack() as stack:
        polling = opened_poll(stack, alice, room, cursor)
        everybody_sees(server, room, bob, alice)
        bob.post(room, "hi")
        assert polling.until_closed() == []
    everybody_sees(server, room, bob)


def opened_poll(stack: ExitStack, person: Person, room: int, cursor: int) -> EventStream:
    headers = {"Authorization": f"Bearer {person.token}", "Accept": "application/json"}
    target = f"/room/{room}/subscribe?after={cursor}&wait=50"
    return stack.enter_context(Poll(str(person.http.base_url), target, headers))


class Poll(EventStream):
    """A long poll that is waited for later."""

    def _read_head(self, deadline: object) -> None:
        pass


def test_who_has_two_streams_is_present_until_both_are_gone(server: Server, alice: Person, bob: Person, room: int) -> None:
    one, other = on_each_worker(server, lambda: opened(alice.stream_room(room)))
    everybody_sees(server, room, bob, alice)
    one.close()
    with opened(bob.stream_room(room)):
        everybody_sees(server, room, bob, alice, bob)
    other.close()
    everybody_sees(server, room, bob)


def test_who_is_removed_is_present_no_more(server: Server, alice: Person, bob: Person) -> None:
    room = alice.create_room(expires="when_empty")["id"]
    assert bob.http.post(f"/room/{room}/members").status_code == 204
    with opened(alice.stream_room(room)), opened(bob.stream("/subscribe")):
        everybody_sees(server, room, alice, alice, bob)
        assert alice.http.delete(f"/room/{room}/members/{bob.id}").status_code == 204
        everybody_sees(server, room, alice, alice)
        assert bob.http.post(f"/room/{room}/members").status_code == 204
        everybody_sees(server, room, alice, alice, bob)


def test_a_killed_worker_leaves_nobody_present(mended_server: Server, dora: Person) -> None:
    room = dora.create_room()["id"]
    victim = mended_server.worker_pids()[0]
    with only(mended_server, victim):
        stream = opened(dora.stream_room(room))
    everybody_sees(mended_server, room, dora, dora)
    mended_server.kill_worker(victim)
    mended_server.wait_until_whole()
    everybody_sees(mended_server, room, dora)
    stream.close()


def test_a_worker_that_stops_in_order_takes_its_people_along(mended_server: Server, dora: Person) -> None:
    room = dora.create_room()["id"]
    with opened(dora.stream_room(room)):
        everybody_sees(mended_server, room, dora, dora)
        mended_server.reload()
        everybody_sees(mended_server, room, dora)


def test_without_redis_a_worker_knows_of_its_own(mended_server: Server, mended_valkey: Valkey, dora: Person) -> None:
    room = dora.create_room()["id"]
    first, _ = mended_server.worker_pids()
    with only(mended_server, first):
        stream = opened(dora.stream_room(room))
    everybody_sees(mended_server, room, dora, dora)
    mended_valkey.stop()
    assert sorted(present(mended_server, room, dora), key=len) == [set(), {dora.id}]
    mended_valkey.start()
    everybody_sees(mended_server, room, dora, dora)
    stream.close()


@pytest.mark.parametrize("lost", ["chat:*", "chat:presence:*", "chat:connections:*", "chat:leases"])
def test_redis_that_lost_what_it_was_told_is_told_again(mended_server: Server, mended_valkey: Valkey, dora: Person, lost: str) -> None:
    room = dora.create_room()["id"]
    with opened(dora.stream_room(room)):
        everybody_sees(mended_server, room, dora, dora)
        with Redis.from_url(mended_valkey.url) as redis:
            assert redis.delete(*redis.keys(lost))
        everybody_sees(mended_server, room, dora, dora)
        headers = {"Authorization": f"Bearer {dora.token}"}
        count = lambda: http_client.get(f"{mended_server.url}/room/{room}", headers=headers).json()["connections"]  # noqa: E731
        eventually(lambda: on_each_worker(mended_server, count) == [1, 1])


def test_a_lease_tells_how_far_its_worker_has_delivered(mended_server: Server, mended_valkey: Valkey, dora: Person) -> None:
    posted = dora.post(dora.create_room()["id"], "hi")["id"]
    with Redis.from_url(mended_valkey.url) as redis:
        eventually(lambda: list(Leases(redis).delivered().values()) == [posted] * mended_server.workers)


def test_each_process_has_a_lease_of_its_own(redis_url: str) -> None:
    """Also where it was forked from one that had made the object, and had used it."""
    with Redis.from_url(redis_url) as redis:
        one, other = Leases(redis), Leases(redis)
        for lease, position in ((one, 5), (other, 6)):
            assert not lease.renew(position, {3: {10, 2**40}}, whole=True), "nothing was said before"
            assert lease.renew(position, {}, whole=False)
        assert sorted(one.delivered().values()) == [5, 6]
        assert one.remote_users(3) == {10, 2**40}
        other.release()
        assert one.delivered() == {one.worker: 5}
        assert one.remote_users(3) == set()
