"""Linux's io_uring, as much of it as it takes to write to many sockets in one system call.

The layout of the rings, the numbers of the calls and of the operation are the kernel's (include/uapi/linux/io_uring.h, the same on every
processor). A send that would have to wait is refused at once (MSG_DONTWAIT): when the call is back, every send is over, and nothing of its
memory is used any more."""

import ctypes
import errno
import mmap
import os
import socket
from array import array
from contextlib import suppress

SETUP, ENTER = 425, 426  # system calls
SEND = 26  # IORING_OP_SEND, since Linux 5.6
MSG_DONTWAIT, MSG_NOSIGNAL = 0x40, 0x4000
SINGLE_MMAP = 1  # IORING_FEAT_SINGLE_MMAP: one mapping for both rings
ENTRIES_AT = 0x10000000  # IORING_OFF_SQES
SQ_TAIL, SQ_ARRAY, CQ_HEAD, CQ_TAIL, CQ_RESULTS = 11, 16, 20, 21, 25  # the words of io_uring_params that tell where something is
ENTRY_BYTES, RESULT_BYTES = 64, 16  # io_uring_sqe, io_uring_cqe
WORDS = 2**32  # heads and tails count on, and begin anew here
REFUSED = "the kernel's io_uring does not send as it must"


class Broken(Exception):
    """The ring is of no use any more. took: what became of the first of the sends; the others were not begun."""

    def __init__(self, took: list[int], why: str) -> None:
        super().__init__(why)
        self.took = took


class Uring:
    """A ring of the process that opens it. Raises OSError where the kernel has none, keeps it from us, or has one that is too old."""

    def __init__(self, entries: int) -> None:
        """entries: how many sends a call takes, a power of two."""
        self._call = ctypes.CDLL(None, use_errno=True).syscall
        params = (ctypes.c_uint32 * 30)()
        self.fd = self._call(SETUP, entries, ctypes.byref(params))
        if self.fd < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        try:
            self._map(list(params))
            self._prove()
        except OSError:
            os.close(self.fd)
            raise

    def send(self, fds: "array[int]", data: bytes) -> list[int]:
        """Writes the same to every socket, and waits for none: for each the bytes that it took, or a negative errno. Raises Broken."""
        took = self._send(fds[: self._entries], data)
        if len(fds) <= self._entries:
            return took
        try:
            return took + self.send(fds[self._entries :], data)
        except Broken as broken:
            raise Broken(took + broken.took, str(broken)) from None

    def _send(self, fds: "array[int]", data: bytes) -> list[int]:
        """The table is written column by column, from its beginning; nothing of the call before is in it any more."""
        count = len(fds)
        address = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0
        self._held = data  # what the kernel may read must live, whatever happens to the call
        self._fds[:count] = fds
        self._lengths[:count] = array("i", [len(data)]) * count
        self._addresses[:count] = array("Q", [address]) * count
        self._queue_up(count)
        begun = self._call(ENTER, self.fd, count, 0, 0, None, 0)
        entries, results = self._results()
        if entries == self._order[:count]:
            return results
        took = _sorted(entries, results, max(begun, 0))
        if len(results) < count:
            raise Broken(took, f"{begun} of {count} sends were begun, {len(results)} came to an end")
        return took

    def _queue_up(self, count: int) -> None:
        """The first entries of the table, in the places of the queue that are next."""
        tail = self._words[self._sq_tail]
        place = tail % self._entries
        before = min(count, self._entries - place)
        self._queue[place : place + before] = self._numbers[:before]
        self._queue[: count - before] = self._numbers[before:count]
        self._words[self._sq_tail] = (tail + count) % WORDS

    def _results(self) -> tuple[list[int], list[int]]:
        """Takes all that are there: their entries, and what became of each."""
        head, tail = self._words[self._cq_head], self._words[self._cq_tail]
        count, place = (tail - head) % WORDS, head % self._most_results
        before = min(count, self._most_results - place)
        here, there = slice(place, place + before), slice(0, count - before)
        self._words[self._cq_head] = tail
        return self._done[here].tolist() + self._done[there].tolist(), self._came[here].tolist() + self._came[there].tolist()

    def _map(self, params: list[int]) -> None:
        self._entries, self._most_results, features = params[0], params[1], params[5]
        if not features & SINGLE_MMAP:
            raise OSError(errno.ENOSYS, REFUSED)
        queue, results = params[SQ_ARRAY], params[CQ_RESULTS]
        after_results = results + RESULT_BYTES * self._most_results
        rings = memoryview(mmap.mmap(self.fd, max(queue + 4 * self._entries, after_results), mmap.MAP_SHARED))
        self._words, ends = rings.cast("I"), rings[results:after_results]
        self._queue = self._words[queue // 4 : queue // 4 + self._entries]
        self._done, self._came = ends.cast("Q")[0::2], ends.cast("i")[2::4]
        self._sq_tail, self._cq_head, self._cq_tail = params[SQ_TAIL] // 4, params[CQ_HEAD] // 4, params[CQ_TAIL] // 4
        self._order = list(range(self._entries))
        self._numbers = array("I", self._order)
        self._lay_out(memoryview(mmap.mmap(self.fd, self._entries * ENTRY_BYTES, mmap.MAP_SHARED, offset=ENTRIES_AT)))

    def _lay_out(self, table: memoryview) -> None:
        """What is the same in every send is written once for all."""
        table[0::ENTRY_BYTES] = bytes([SEND]) * self._entries
        numbers, long_numbers = table.cast("i"), table.cast("Q")
        numbers[7::16] = array("i", [MSG_DONTWAIT | MSG_NOSIGNAL]) * self._entries
        long_numbers[4::8] = array("Q", self._order)  # comes back with the result
        self._fds, self._lengths, self._addresses = numbers[1::16], numbers[6::16], long_numbers[2::8]

    def _prove(self) -> None:
        """Raises OSError if it does not send, or would wait for a socket that is full."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            try:
                took = self.send(array("i", [ours.fileno()] * 2), b"io_uring")
                _fill(ours)
                took += self.send(array("i", [ours.fileno()] * 2), b"io_uring")
            except Broken as broken:
                raise OSError(errno.ENOSYS, REFUSED) from broken
            if took != [len(b"io_uring")] * 2 + [-errno.EAGAIN] * 2:
                raise OSError(errno.ENOSYS, REFUSED)


def _sorted(entries: list[int], results: list[int], begun: int) -> list[int]:
    """The results in the order of the sends; one without a result failed."""
    took = [-errno.EIO] * begun
    for entry, result in zip(entries, results, strict=True):
        took[entry] = result
    return took


def _fill(full: socket.socket) -> None:
    with suppress(BlockingIOError):
        while True:
            full.send(bytes(65536))
