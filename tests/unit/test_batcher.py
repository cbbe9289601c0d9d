"""Batching: calls of a busy worker's greenlets run together, no call waits beyond the bound, and a single call does not wait."""

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import gevent
import pytest
from gevent.socket import wait_read

from chat.services.batcher import Batcher

RUNNERS = 50
LONG = 60.0  # nothing here takes so long: what is answered was not waited for until the bound
ENOUGH_SECONDS = 20.0


class Twice:
    """The work: returns the double of each number, and keeps the size of each batch."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.sizes.append(len(numbers))
        return [2 * number for number in numbers]


@contextmanager
def pairs(count: int) -> Iterator[list[tuple[socket.socket, socket.socket]]]:
    with ExitStack() as stack:
        yield [(stack.enter_context(one), stack.enter_context(other)) for one, other in (socket.socketpair() for _ in range(count))]


def relay(run: Callable[[int], int]) -> list[int]:
    """The results of `run` for each runner. Each wakes the next one, so that the loop always has one more to wake."""
    with pairs(RUNNERS + 1) as made:

        def runner(number: int) -> int:
            wait_read(made[number][0].fileno())
            made[number + 1][1].send(b"!")
            return run(number)

        runners: list[gevent.Greenlet[[int], int]] = [gevent.spawn(runner, number) for number in range(RUNNERS)]
        made[0][1].send(b"!")
        gevent.joinall(runners, timeout=ENOUGH_SECONDS, raise_error=True)
        return [one.get() for one in runners]


@pytest.mark.parametrize(("gather", "calls"), [(LONG, range(1, 2)), (0.0, range(3, RUNNERS + 1))])
def test_what_is_asked_while_the_loop_is_busy_is_asked_together(gather: float, calls: range) -> None:
    twice = Twice()
    assert relay(Batcher(twice, RUNNERS, RUNNERS, gather).ask) == [2 * number for number in range(RUNNERS)]
    assert len(twice.sizes) in calls
    assert sum(twice.sizes) == RUNNERS


def test_who_asks_alone_is_answered_at_once() -> None:
    with gevent.Timeout(ENOUGH_SECONDS):
        assert Batcher(Twice(), RUNNERS, RUNNERS, LONG).ask(21) == 42


def test_a_loop_that_is_never_idle_keeps_nobody_waiting() -> None:
    def for_ever(mine: socket.socket, other: socket.socket) -> None:
        while True:
            wait_read(mine.fileno())
            other.send(mine.recv(1))

    with pairs(1) as [(one, other)]:
        players = [gevent.spawn(for_ever, one, one), gevent.spawn(for_ever, other, other)]
        one.send(b"!")
        try:
            with gevent.Timeout(ENOUGH_SECONDS):
                assert Batcher(Twice(), RUNNERS, RUNNERS, 0.001).ask(21) == 42
        finally:
            gevent.killall(players)


def test_no_more_are_gathered_than_are_done_at_once() -> None:
    twice = Twice()
    relay(Batcher(twice, RUNNERS // 2, RUNNERS, LONG).ask)
    assert max(twice.sizes) == RUNNERS // 2
    assert sum(twice.sizes) == RUNNERS
