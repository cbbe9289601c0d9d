"""A client that does not read slows nobody down: it is closed, and resumes without a loss."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.harness import metrics
from tests.harness.deadline import eventually
from tests.harness.listeners import Listener
from tests.harness.people import Person
from tests.harness.server import Server
from tests.harness.streams import EventStream

LONG_TEXT = "x" * 16_000
STUCK = 4
HEALTHY = 8
MOST_POSTS = 400  # 6 MB: far more than the kernel and the service keep for one client


@pytest.fixture
def stuck(alice: Person, room: int) -> Iterator[list[EventStream]]:
    """Open streams of clients that read nothing until the test lets them."""
    with ExitStack() as stack:
        streams = [stack.enter_context(alice.stream_room(room)) for _ in range(STUCK)]
        for stream in streams:
            stream.until(lambda frame: frame.id is not None)
        yield streams


def post_until_the_stuck_are_closed(server: Server, poster: Person, room: int, already: float) -> list[int]:
    posted: list[int] = []
    while metrics.closings(server, "slow") < already + STUCK:
        assert len(posted) < MOST_POSTS, "nobody was closed"
        posted += [poster.post(room, LONG_TEXT)["id"] for _ in range(10)]
        eventually(lambda: metrics.samples(server)["chat_posts_total"] > 0)
    return posted


def test_a_client_that_does_not_read_is_closed_and_nobody_else_waits_for_it(
    server: Server, bob: Person, room: int, stuck: list[EventStream]
) -> None:
    already = metrics.closings(server, "slow")
    with ExitStack() as stack:
        listeners = [stack.enter_context(Listener(bob, f"/api/v1/room/{room}/subscribe")) for _ in range(HEALTHY)]
        eventually(lambda: all(listener.cursor is not None for listener in listeners))
        posted = post_until_the_stuck_are_closed(server, bob, room, already)
        # The stuck have read nothing to this moment.
        eventually(lambda: all(listener.reached(posted[-1]) for listener in listeners), within=30)
        for listener in listeners:
            assert listener.ids == posted
            assert listener.streams == 1, "a healthy client is never closed for another's sake"
    for stream in stuck:
        received, rest = what_had_come(stream), []
        assert received == posted[: len(received)]
        assert len(received) < len(posted)
        with bob.stream_room(room, last_event_id=stream.cursor) as again:
            rest = [again.next_message(30)["id"] for _ in posted[len(received) :]]
        assert received + rest == posted


def what_had_come(stream: EventStream) -> list[int]:
    """What the network still held when the service closed the stream; a frame that was cut never happened."""
    return [frame.json()["id"] for frame in stream.until_closed(30) if frame.is_message]


def test_a_client_that_is_owed_more_than_a_backlog_gets_it_all_as_fast_as_it_reads(alice: Person, bob: Person, room: int) -> None:
    posted = [bob.post(room, LONG_TEXT)["id"] for _ in range(100)]
    with alice.stream_room(room, last_event_id=posted[0] - 1) as stream:
        later = [bob.post(room, "posted while she has not read a byte")["id"] for _ in range(5)]
        assert [stream.next_message(30)["id"] for _ in posted + later] == posted + later


def test_a_client_that_reads_again_before_its_backlog_is_full_is_not_closed(alice: Person, bob: Person, room: int) -> None:
    with alice.stream_room(room) as stream:
        stream.until(lambda frame: frame.id is not None)
        for _ in range(5):
            posted = [bob.post(room, LONG_TEXT)["id"] for _ in range(6)]
            assert [stream.next_message(30)["id"] for _ in posted] == posted
