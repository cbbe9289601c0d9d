"""A deploy under load: every client is closed and resumes, every post gets its response, and nobody misses anything."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import psutil
import pytest

from tests.harness.deadline import eventually
from tests.harness.listeners import Listener
from tests.harness.people import Person
from tests.harness.posters import Poster, all_ids, posted
from tests.harness.server import Server
from tests.harness.streams import EventStream

LISTENERS = 24
POSTERS = 4
POSTS_BEFORE = 40  # so that the deploy meets a service that is at work
GONE_WITHIN_SECONDS = 10.0
BYE_MS = range(500, 5001)


@pytest.fixture
def server(mended_server: Server) -> Server:
    """Alice and bob use the server that the tests stop and kill."""
    return mended_server


@contextmanager
def load(alice: Person, room: int) -> Iterator[tuple[list[Listener], list[Poster]]]:
    with ExitStack() as stack:
        listeners = [stack.enter_context(Listener(alice, f"/api/v1/room/{room}/subscribe")) for _ in range(LISTENERS)]
        eventually(lambda: all(listener.cursor is not None for listener in listeners))
        with ExitStack() as posting:
            posters = [posting.enter_context(Poster(alice, room)) for _ in range(POSTERS)]
            yield listeners, posters
            posted(posters, len(all_ids(posters)) + POSTS_BEFORE)
        newest = max(all_ids(posters))
        eventually(lambda: all(listener.reached(newest) for listener in listeners), within=30)


def connections(pid: int) -> int:
    """How many clients a worker has: it may be all of them, or none."""
    return len(psutil.Process(pid).net_connections("tcp"))


def nobody_lost_anything(listeners: list[Listener], posters: list[Poster]) -> None:
    assert [reason for poster in posters for reason in poster.unanswered] == []
    ids = all_ids(posters)
    for listener in listeners:
        assert listener.ids == ids, f"{len(listener.ids)} of {len(ids)}"
        assert listener.ends == []


def test_a_reload_under_load_loses_nothing(mended_server: Server, alice: Person, room: int) -> None:
    with load(alice, room) as (listeners, posters):
        posted(posters, POSTS_BEFORE)
        mended_server.reload()
    nobody_lost_anything(listeners, posters)
    retries = [retry for listener in listeners for retry in listener.byes]
    assert all(listener.byes for listener in listeners), "every stream was sent away with a word"
    assert all(retry in BYE_MS for retry in retries), retries
    assert len(set(retries)) > LISTENERS // 2, "they do not all come back in the same moment"


def test_a_worker_that_is_told_to_stop_sends_its_clients_to_the_other_one(mended_server: Server, alice: Person, room: int) -> None:
    with load(alice, room) as (listeners, posters):
        posted(posters, POSTS_BEFORE)
        stopped = max(mended_server.worker_pids(), key=connections)
        os.kill(stopped, signal.SIGTERM)
        eventually(lambda: not psutil.pid_exists(stopped), GONE_WITHIN_SECONDS)
        mended_server.wait_until_whole()
    nobody_lost_anything(listeners, posters)
    assert any(listener.byes for listener in listeners)
    assert all(listener.streams == 1 + len(listener.byes) for listener in listeners), "no stream ended without a word"


def test_a_killed_worker_loses_nothing_that_was_answered(mended_server: Server, alice: Person, room: int) -> None:
    """Its clients get no word, and posts on their way no answer; who got a 201 is heard by everybody."""
    with load(alice, room) as (listeners, posters):
        posted(posters, POSTS_BEFORE)
        for pid in mended_server.worker_pids():
            mended_server.kill_worker(pid)
        mended_server.wait_until_whole()
    answered = set(all_ids(posters))
    for listener in listeners:
        assert answered <= set(listener.ids)
        assert listener.ids == sorted(set(listener.ids)), "once, and in order"
        assert listener.ids == listeners[0].ids


def test_a_long_poll_that_waits_is_answered_when_its_worker_stops(mended_server: Server, alice: Person, room: int) -> None:
    cursor = alice.post(room, "before")["id"]
    path = f"/api/v1/room/{room}/subscribe"
    with ThreadPoolExecutor(8) as aside:
        polls = [aside.submit(alice.poll, path, cursor, 55) for _ in range(8)]
        eventually(lambda: alice.http.get(f"/api/v1/room/{room}").json()["connections"] == len(polls))
        mended_server.reload()
        assert [poll.result(10) for poll in polls] == [{"events": [], "cursor": cursor}] * len(polls)
    posted_after = alice.post(room, "after")
    assert alice.poll(path, after=cursor)["events"] == [posted_after]


def test_when_the_whole_service_stops_every_stream_is_told_to_come_back(mended_server: Server, alice: Person, room: int) -> None:
    with ExitStack() as stack:
        streams = [stack.enter_context(alice.stream_room(room)) for _ in range(LISTENERS)]
        for stream in streams:
            stream.until(lambda frame: frame.id is not None)
        mended_server.stop()
        byes = [bye(stream) for stream in streams]
    assert all(retry in BYE_MS for retry in byes)
    assert len(set(byes)) > LISTENERS // 2


def bye(stream: EventStream) -> int | None:
    """The retry of the last frame, which must be the one that says goodbye."""
    last = stream.until_closed()[-1]
    assert (last.event, last.id) == ("bye", None)
    return last.retry
