"""Metrics: each worker's samples of each second, for the operator's plots and for Prometheus."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

import pytest

from chat.domain.close_reason import CloseReason
from chat.domain.sample import Sample, percentile
from chat.embedded import Valkey
from chat.live.epoll import EpollSet
from chat.live.subscriber import QueueSubscriber, SocketSubscriber
from chat.services.delivery_delays import DeliveryDelays
from chat.services.log_stream import connect
from chat.services.sample_history import KEPT_SECONDS, SampleHistory
from chat.upkeep.sampler import backlog_bytes
from tests.harness import metrics
from tests.harness.admin_browser import AdminBrowser
from tests.harness.deadline import eventually
from tests.harness.people import Person
from tests.harness.server import Server
from tests.harness.workers import on_each_worker


def sample(at: int) -> Sample:
    return Sample(at, streams=3, posts=2.0, deliveries=6.0, delay_p50=1.5, delay_p95=4.0, backlog=0)


def seconds(samples: list[Sample]) -> list[int]:
    return [taken.at for taken in samples]


@contextmanager
def ring(url: str, worker: str) -> Iterator[SampleHistory]:
    with closing(connect(url, 1)) as redis:
        yield SampleHistory(redis, lambda: worker)


# Percentiles


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 1.0), (0.95, 9.0)], ids=["half of the posts took no longer", "one in twenty took longer"]
)
def test_a_delay_counts_for_each_post_that_had_it(share: float, expected: float) -> None:
    assert percentile([(9.0, 10), (1.0, 90)], share) == expected


def test_where_nothing_was_posted_there_is_no_delay() -> None:
    assert percentile([], 0.5) is None


# DeliveryDelays


def test_a_batch_is_delivered_when_all_of_it_was_sent() -> None:
    delays = DeliveryDelays()
    delays.committed(last_id=7, count=3)
    delays.delivered(6)
    assert delays.take() == []
    delays.delivered(9)
    [(seconds, posts)] = delays.take()
    assert seconds >= 0 and posts == 3
    assert delays.take() == [], "it is told once"


def test_a_batch_that_another_worker_was_quicker_to_bring_here_had_no_delay() -> None:
    delays = DeliveryDelays()
    delays.delivered(9)
    delays.committed(last_id=7, count=2)
    assert delays.take() == [(0.0, 2)]


def test_batches_of_a_hub_that_delivers_nothing_do_not_pile_up_for_ever() -> None:
    delays = DeliveryDelays()
    for last_id in range(1, 30_001):
        delays.committed(last_id, 1)
    delays.delivered(30_000)
    assert 0 < len(delays.take()) <= 10_000
    assert delays.posts == 30_000


# The ring


def test_each_worker_reads_the_figures_of_all(redis_url: str) -> None:
    with ring(redis_url, "a") as one, ring(redis_url, "b") as other:
        for at in (1, 2, 3):
            one.add(sample(at))
            one.write()
        other.add(sample(3))
        other.write()
        for reader in (one, other):
            assert {worker: seconds(samples) for worker, samples in reader.read(KEPT_SECONDS).items()} == {"a": [1, 2, 3], "b": [3]}
        assert {worker: seconds(samples) for worker, samples in one.read(2).items()} == {"a": [2, 3], "b": [3]}


def test_five_minutes_are_kept_and_go_when_the_worker_has_been_gone_as_long(redis_url: str) -> None:
    with ring(redis_url, "a") as one, closing(connect(redis_url, 1)) as redis:
        for at in range(KEPT_SECONDS + 50):
            one.add(sample(at))
            one.write()
        assert seconds(one.read(KEPT_SECONDS)["a"]) == list(range(50, KEPT_SECONDS + 50))
        assert all(0 < redis.ttl(key) <= KEPT_SECONDS for key in redis.keys("chat:figures*"))
        redis.delete("chat:figures:a")
        assert one.read(KEPT_SECONDS) == {}
        assert redis.smembers("chat:figures") == set()


def test_what_redis_missed_while_it_was_away_it_is_told_later(redis_url: str) -> None:
    with ring(redis_url, "a") as one:
        one.add(sample(1))
        one.add(sample(2))
        assert seconds(one.own(KEPT_SECONDS)["a"]) == [1, 2]
        one.write()
        one.add(sample(3))
        one.write()
        assert seconds(one.read(KEPT_SECONDS)["a"]) == [1, 2, 3]


def test_a_second_that_was_told_twice_is_read_once(redis_url: str) -> None:
    """The reply to the first telling may have been lost."""
    with ring(redis_url, "a") as one:
        for at in (1, 2, 2):
            one.add(sample(at))
        one.write()
        assert seconds(one.read(KEPT_SECONDS)["a"]) == [1, 2]


# Backlogs


def test_the_backlog_of_a_client_with_a_socket_is_counted_in_bytes() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        stuck = SocketSubscriber(os.dup(ours.fileno()), EpollSet(), user_id=1, session_id=1)
        written = 0
        while not stuck.backlog:
            stuck.write(b"x" * 1000)
            written += 1000
        stuck.write(b"x" * 5000)
        sent = written + 5000 - stuck.backlog
        assert backlog_bytes([stuck]) == stuck.backlog > 5000
        theirs.settimeout(10)
        assert len(theirs.recv(sent, socket.MSG_WAITALL)) == sent
        stuck.close(CloseReason.GONE)
        assert backlog_bytes([stuck]) == 0


def test_the_backlog_of_a_client_without_a_socket_of_its_own_is_counted_too() -> None:
    slow, quick = QueueSubscriber(user_id=1, session_id=1), QueueSubscriber(user_id=2, session_id=2)
    slow.write(b"x" * 1000)
    slow.write(b"x" * 5000)
    assert backlog_bytes([slow, quick]) == slow.backlog == 6000
    chunks = slow.chunks()
    next(chunks)
    assert backlog_bytes([slow, quick]) == 6000, "a piece that is under way may not be taken"
    next(chunks)
    assert backlog_bytes([slow, quick]) == 5000
    chunks.close()  # type: ignore[attr-defined] # a generator
    assert backlog_bytes([slow, quick]) == 0


# The service


def test_the_figures_of_both_workers_tell_streams_posts_deliveries_and_delays(server: Server, bob: Person) -> None:
    room = bob.create_room()["id"]
    with ExitStack() as stack, AdminBrowser.signed_in(server) as olga:
        on_each_worker(server, lambda: stack.enter_context(bob.stream_room(room)))
        on_each_worker(server, lambda: post_on_a_new_connection(bob, room))

        def both_tell() -> bool:
            told = [samples for samples in olga.figures().values() if samples[-1]["streams"]]
            return len(told) == 2 and all(posted_and_delivered(samples) for samples in told)

        eventually(both_tell)


def post_on_a_new_connection(person: Person, room: int) -> None:
    with person.sign_in_again() as again:
        again.post(room, "hello")


def posted_and_delivered(samples: list[dict[str, float]]) -> bool:
    """Some second has a post with its delay, some a delivery."""
    posted = [taken for taken in samples if taken["posts"]]
    delayed = [taken for taken in posted if taken["delay_p50"] is not None and taken["delay_p95"] >= taken["delay_p50"]]
    return bool(delayed) and any(taken["deliveries"] for taken in samples)


def test_prometheus_gets_the_delays_of_all_workers(server: Server, bob: Person) -> None:
    before = metrics.samples(server)["chat_delivery_seconds_count"]
    bob.post(bob.create_room()["id"], "hello")
    eventually(lambda: metrics.samples(server)["chat_delivery_seconds_count"] > before)


def test_while_redis_is_away_the_page_shows_the_worker_that_answers(fresh_server: Server, valkey: Valkey) -> None:
    with AdminBrowser.signed_in(fresh_server) as olga:
        eventually(lambda: len(olga.figures()) == 2)
        valkey.stop()
        alone = eventually(lambda: one_worker(olga), 20)
        assert alone, "its own, from memory"


def one_worker(olga: AdminBrowser) -> str | None:
    told = olga.figures()
    return next(iter(told)) if len(told) == 1 else None
