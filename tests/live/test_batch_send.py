"""Sending the same bytes to many sockets, by io_uring and one call each: what arrives, and the result for each socket."""

import ctypes
import errno
import logging
import os
import random
import socket
import subprocess
import sys
from array import array
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import gevent
import pytest

from chat.config import Settings, WrongSetting
from chat.live.batch_send import MIN_BATCH, RING_ENTRIES, BatchSender, send_each
from chat.live.uring import IO_URING_SETUP
from tests.harness import without_uring
from tests.harness.environment import product_settings

DATA = b"id: 1\ndata: what is said\n\n"
MANY = 2 * RING_ENTRIES + 100  # more than a ring takes at once

Pair = tuple[socket.socket, socket.socket]
Way = Callable[["array[int]", bytes], list[int]]


def has_uring() -> bool:
    """Asks the kernel: if it offers io_uring, ours must work."""
    ring: int = ctypes.CDLL(None).syscall(IO_URING_SETUP, 8, ctypes.create_string_buffer(120))
    if ring >= 0:
        os.close(ring)
    return ring >= 0


needs_uring = pytest.mark.skipif(not has_uring(), reason="the kernel keeps io_uring from us")


@pytest.fixture(params=[pytest.param("io_uring", marks=needs_uring), "one by one"])
def way(request: pytest.FixtureRequest) -> Iterator[Way]:
    """The ring must last to the end of the test, or the other path would be tested twice."""
    if request.param == "one by one":
        yield send_each
        return
    sends = BatchSender()
    yield sends.send
    assert sends._io_uring and sends._ring


@pytest.fixture
def pairs() -> Iterator[Callable[[int], list[Pair]]]:
    """Makes so many connections: our non-blocking end and the client's of each."""
    with ExitStack() as stack:

        def make(count: int) -> list[Pair]:
            made = [socket.socketpair() for _ in range(count)]
            for ours, theirs in made:
                stack.enter_context(ours)
                stack.enter_context(theirs)
                ours.setblocking(False)
            return made

        yield make


def ours_of(pairs: list[Pair]) -> "array[int]":
    return array("i", [ours.fileno() for ours, _ in pairs])


def drain(there: socket.socket) -> bytes:
    there.setblocking(False)
    got = b""
    try:
        while part := there.recv(1 << 20):
            got += part
    except BlockingIOError:
        pass
    return got


def fill(full: socket.socket) -> int:
    taken = 0
    try:
        while True:
            taken += full.send(b"x" * 1000)
    except BlockingIOError:
        return taken


def test_each_gets_the_bytes_once_and_in_order_however_many_there_are(way: Way, pairs: Callable[[int], list[Pair]]) -> None:
    crowd = pairs(MANY)
    fds = ours_of(crowd)
    for count in (MIN_BATCH, MANY, RING_ENTRIES, 77, RING_ENTRIES + 1, 1, 0, MANY):
        part = DATA * (count % 5 + 1)
        assert way(fds[:count], part) == [len(part)] * count
        assert [drain(theirs) for _, theirs in crowd] == [part] * count + [b""] * (MANY - count)
    for word in (b"first ", b"second ", b"third"):
        way(fds, word)
    assert {drain(theirs) for _, theirs in crowd} == {b"first second third"}


def test_what_a_socket_cannot_take_is_said_and_keeps_nobody(way: Way, pairs: Callable[[int], list[Pair]]) -> None:
    crowd = pairs(MIN_BATCH + 3)
    before = fill(crowd[3][0])
    crowd[5][1].close()
    fds = ours_of(crowd)
    fds[7] = 1_000_000  # nobody's
    took = way(fds, DATA)
    odd = {3: -errno.EAGAIN, 5: -errno.EPIPE, 7: -errno.EBADF}
    assert took == [odd.get(place, len(DATA)) for place in range(len(fds))]
    assert len(drain(crowd[3][1])) == before
    assert all(drain(theirs) == DATA for place, (_, theirs) in enumerate(crowd) if place not in odd)


def test_a_socket_that_takes_a_part_says_how_much(way: Way) -> None:
    """Over TCP, whose sockets take what there is room for."""
    with socket.create_server(("127.0.0.1", 0)) as listener, ExitStack() as stack:
        crowd = []
        for _ in range(MIN_BATCH):
            theirs = stack.enter_context(socket.create_connection(listener.getsockname()))
            ours = stack.enter_context(listener.accept()[0])
            ours.setblocking(False)
            crowd.append((ours, theirs))
        much = bytes(range(256)) * 100_000
        took = way(ours_of(crowd), much)
        assert all(0 < part < len(much) for part in took)
        for (ours, theirs), part in zip(crowd, took, strict=True):
            ours.close()
            theirs.settimeout(10)
            got = b""
            while more := theirs.recv(1 << 20):
                got += more
            assert got == much[:part]


@needs_uring
def test_both_ways_say_the_same(pairs: Callable[[int], list[Pair]]) -> None:
    """Hundreds of rounds to crowds of any size, in any state, against a twin in the same state."""
    seed = random.randrange(2**32)
    chance, uring = random.Random(seed), BatchSender()
    crowd, twins = pairs(150), pairs(150)
    for _ in range(300):
        chosen = chance.sample(range(150), chance.randint(1, 150))
        data = chance.randbytes(chance.choice([1, 300, 20_000, 90_000]))
        ours, theirs = ([group[place] for place in chosen] for group in (crowd, twins))
        assert uring.send(ours_of(ours), data) == send_each(ours_of(theirs), data), f"seed {seed}"
        for place in chance.sample(chosen, len(chosen) // 3):
            assert drain(crowd[place][1]) == drain(twins[place][1]), f"seed {seed}"
    assert [drain(theirs) for _, theirs in crowd] == [drain(theirs) for _, theirs in twins], f"seed {seed}"
    assert uring._io_uring and uring._ring


@needs_uring
def test_a_ring_that_fails_is_left_and_what_it_did_not_send_is_sent(
    pairs: Callable[[int], list[Pair]], caplog: pytest.LogCaptureFixture
) -> None:
    crowd = pairs(MANY)
    sends = BatchSender()
    sends.send(ours_of(crowd), DATA)
    assert sends._ring
    os.close(sends._ring.fd)
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            assert sends.send(ours_of(crowd), DATA) == [len(DATA)] * MANY
        gevent.sleep(0)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert {drain(theirs) for _, theirs in crowd} == {DATA * 4}


@needs_uring
def test_of_a_ring_that_breaks_half_way_each_send_is_made_once(pairs: Callable[[int], list[Pair]], monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel begins only some: the rest of the entries says no more than that they are none."""
    crowd = pairs(100)
    sends = BatchSender()
    sends.send(ours_of(crowd), DATA)
    ring = sends._ring
    assert ring
    call = ring._call
    monkeypatch.setattr(ring, "_call", lambda number, fd, count, *rest: call(number, fd, min(count, 40), *rest))
    assert sends.send(ours_of(crowd), DATA) == [len(DATA)] * 100
    assert {drain(theirs) for _, theirs in crowd} == {DATA * 2}


def test_where_the_kernel_keeps_it_from_us_each_is_sent_by_itself() -> None:
    """As the rules of a container do: they answer EPERM."""
    done = subprocess.run([sys.executable, "-m", without_uring.__name__], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "no io_uring here (Operation not permitted)" in done.stderr


def test_an_operator_may_turn_it_off() -> None:
    environ = product_settings("postgres://there", "redis://there")
    assert Settings.from_environ(environ).io_uring
    assert not Settings.from_environ(environ | {"IO_URING": "off"}).io_uring
    with pytest.raises(WrongSetting, match="IO_URING"):
        Settings.from_environ(environ | {"IO_URING": "perhaps"})
    sends = BatchSender(io_uring=False)
    sends.send(array("i", [-1] * MIN_BATCH), DATA)
    assert sends._ring is None
