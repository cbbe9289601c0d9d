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
        slot = self._words[self._sq_tail] % self._entries
        count = min(len(fds), self._entries - slot)
        took = self._send(slot, fds[:count], data)
        if count == len(fds):
            return took
        try:
            return took + self.send(fds[count:], data)
        except Broken as broken:
            raise Broken(took + broken.took, str(broken)) from None

    def _send(self, slot: int, fds: "array[int]", data: bytes) -> list[int]:
        """Through neighbouring entries of the table, which is written column by column."""
        count = len(fds)
        address = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0
        self._held = data  # what the kernel may read must live, whatever happens to the call
        self._fds[slot : slot + count] = fds
        self._lengths[slot : slot + count] = array("i", [len(data)]) * count
        self._addresses[slot : slot + count] = array("Q", [address]) * count
        self._words[self._sq_tail] = (self._words[self._sq_tail] + count) % WORDS
        begun = self._call(ENTER, self.fd, count, 0, 0, None, 0)
        took = [-errno.EIO] * max(begun, 0)
        results = self._results()
        for entry, result in results:
            took[entry - slot] = result
        if begun < count:
            raise Broken(took, f"{begun} of {count} sends were begun: {os.strerror(ctypes.get_errno())}")
        if len(results) < count:
            raise Broken(took, f"{len(results)} of {count} sends came to an end")
        return took

    def _results(self) -> list[tuple[int, int]]:
        """Takes all that are there: entry and result of each."""
        head, tail = self._words[self._cq_head], self._words[self._cq_tail]
        count, at = (tail - head) % WORDS, head % self._most_results
        before = min(count, self._most_results - at)
        words = self._ends[4 * at : 4 * (at + before)].tolist() + self._ends[: 4 * (count - before)].tolist()
        self._words[self._cq_head] = tail
        return list(zip(words[0::4], words[2::4], strict=True))

    def _map(self, params: list[int]) -> None:
        self._entries, self._most_results, features = params[0], params[1], params[5]
        if not features & SINGLE_MMAP:
            raise OSError(errno.ENOSYS, REFUSED)
        order, results = params[SQ_ARRAY], params[CQ_RESULTS]
        after_results = results + RESULT_BYTES * self._most_results
        rings = memoryview(mmap.mmap(self.fd, max(order + 4 * self._entries, after_results), mmap.MAP_SHARED))
        self._words, self._ends = rings.cast("I"), rings[results:after_results].cast("i")
        self._sq_tail, self._cq_head, self._cq_tail = params[SQ_TAIL] // 4, params[CQ_HEAD] // 4, params[CQ_TAIL] // 4
        self._words[order // 4 : order // 4 + self._entries] = array("I", range(self._entries))
        self._lay_out(memoryview(mmap.mmap(self.fd, self._entries * ENTRY_BYTES, mmap.MAP_SHARED, offset=ENTRIES_AT)))

    def _lay_out(self, table: memoryview) -> None:
        """What is the same in every send is written once for all."""
        table[0::ENTRY_BYTES] = bytes([SEND]) * self._entries
        numbers, long_numbers = table.cast("i"), table.cast("Q")
        numbers[7::16] = array("i", [MSG_DONTWAIT | MSG_NOSIGNAL]) * self._entries
        long_numbers[4::8] = array("Q", range(self._entries))  # comes back with the result
        self._fds, self._lengths, self._addresses = numbers[1::16], numbers[6::16], long_numbers[2::8]

    def _prove(self) -> None:
        """Raises OSError if it does not send, or would wait for a socket that is full."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            try:
                took = self.send(array("i", [ours.fileno()]), b"io_uring")
                _fill(ours)
                took += self.send(array("i", [ours.fileno()]), b"io_uring")
            except Broken as broken:
                raise OSError(errno.ENOSYS, REFUSED) from broken
            if took != [len(b"io_uring"), -errno.EAGAIN]:
                raise OSError(errno.ENOSYS, REFUSED)


def _fill(full: socket.socket) -> None:
    with suppress(BlockingIOError):
        while True:
            full.send(bytes(65536))
