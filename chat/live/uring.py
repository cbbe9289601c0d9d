"""Linux's io_uring, as much of it as it takes to write the same bytes to many sockets in one system call.

**Layout.** Numbers and offsets are those of include/uapi/linux/io_uring.h, the same on every processor. Each constant names its field.

**Why no memory barrier.** Barriers order what two processors do to the rings at the same time, and only one ever works on these. The ring
has no polling thread (no IORING_SETUP_SQPOLL), so the kernel reads the submission queue only within io_uring_enter, on the calling thread,
which sees its own earlier writes. A send that would have to wait fails at once (MSG_DONTWAIT), so the kernel hands none to another thread:
when the call returns every send is over, this thread has written its result, and the kernel uses none of the memory any more.

**Why ctypes.** One call makes up to 512 sends, so what the call itself costs does not matter. A C extension would need a compiler wherever
the service is installed, and the one package that wraps io_uring wants Linux 6.14 and a call from Python for each send."""

import ctypes
import errno
import mmap
import os
import socket
from array import array
from contextlib import suppress

IO_URING_SETUP, IO_URING_ENTER = 425, 426  # numbers of the system calls
IORING_OP_SEND = 26  # since Linux 5.6
MSG_DONTWAIT, MSG_NOSIGNAL = 0x40, 0x4000
IORING_FEAT_SINGLE_MMAP = 1  # one mapping holds both rings
IORING_OFF_SQES = 0x10000000  # where the table of entries is mapped

# struct io_uring_params, in words of 4 bytes. What the kernel returns in sq_off and cq_off are bytes from the start of the rings.
PARAMS_WORDS = 30
SQ_ENTRIES, CQ_ENTRIES, FEATURES = 0, 1, 5
SQ_OFF_TAIL, SQ_OFF_ARRAY = 11, 16  # sq_off is struct io_sqring_offsets, from word 10
CQ_OFF_HEAD, CQ_OFF_TAIL, CQ_OFF_CQES = 20, 21, 25  # cq_off is struct io_cqring_offsets, from word 20

# struct io_uring_sqe, a send to be made: offsets in bytes.
SQE_BYTES = 64
SQE_OPCODE, SQE_FD, SQE_ADDR, SQE_LEN, SQE_MSG_FLAGS, SQE_USER_DATA = 0, 4, 16, 24, 28, 32

# struct io_uring_cqe, the result of a send: offsets in bytes.
CQE_BYTES = 16
CQE_USER_DATA, CQE_RES = 0, 8

WORD, LONG = 4, 8  # bytes
COUNTER_LIMIT = 2**32  # heads and tails count on, and begin at 0 again here
UNUSABLE = "the kernel's io_uring does not send as it must"


class Broken(Exception):
    """The ring cannot be used any more. results: of the first sends; the others were not begun."""

    def __init__(self, results: list[int], why: str) -> None:
        super().__init__(why)
        self.results = results


class Uring:
    """A ring of the process that opens it. Raises OSError if the kernel has none, refuses it, or has one that is too old."""

    def __init__(self, entries: int) -> None:
        """entries: how many sends one call takes, a power of two."""
        self._call = ctypes.CDLL(None, use_errno=True).syscall
        params = (ctypes.c_uint32 * PARAMS_WORDS)()
        self.fd = self._call(IO_URING_SETUP, entries, ctypes.byref(params))
        if self.fd < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        try:
            self._map_rings(list(params))
            self._map_entries()
            self._test_itself()
        except OSError:
            os.close(self.fd)
            raise

    def send(self, fds: "array[int]", data: bytes) -> list[int]:
        """Writes the same bytes to every socket without waiting. Returns for each the bytes it took, or a negative errno. Raises Broken."""
        results = self._send(fds[: self._entries], data)
        if len(fds) <= self._entries:
            return results
        try:
            return results + self.send(fds[self._entries :], data)
        except Broken as broken:
            raise Broken(results + broken.results, str(broken)) from None

    def _send(self, fds: "array[int]", data: bytes) -> list[int]:
        """Overwrites the first entries of the table, column by column: the sends of the call before are over."""
        count = len(fds)
        address = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0
        self._held = data  # the kernel may read it, so it must live whatever happens to the call
        self._fds[:count] = fds
        self._lengths[:count] = array("i", [len(data)]) * count
        self._addresses[:count] = array("Q", [address]) * count
        self._submit(count)
        begun = self._call(IO_URING_ENTER, self.fd, count, 0, 0, None, 0)
        entries, results = self._complete()
        if entries == self._numbers[:count]:
            return results
        ordered = _in_order(entries, results, max(begun, 0))
        if len(results) < count:
            raise Broken(ordered, f"{begun} of {count} sends were begun, {len(results)} came to an end")
        return ordered

    def _submit(self, count: int) -> None:
        """Puts the first entries of the table into the next places of the submission queue, which is a ring."""
        tail = self._words[self._sq_tail]
        place = tail % self._entries
        before = min(count, self._entries - place)
        self._queue[place : place + before] = self._queued_numbers[:before]
        self._queue[: count - before] = self._queued_numbers[before:count]
        self._words[self._sq_tail] = (tail + count) % COUNTER_LIMIT

    def _complete(self) -> tuple[list[int], list[int]]:
        """Takes all results from the completion queue: the numbers of their entries, and the results."""
        head, tail = self._words[self._cq_head], self._words[self._cq_tail]
        count, place = (tail - head) % COUNTER_LIMIT, head % self._completions
        before = min(count, self._completions - place)
        here, there = slice(place, place + before), slice(0, count - before)
        self._words[self._cq_head] = tail
        numbers, results = self._completed_numbers, self._results
        return numbers[here].tolist() + numbers[there].tolist(), results[here].tolist() + results[there].tolist()

    def _map_rings(self, params: list[int]) -> None:
        if not params[FEATURES] & IORING_FEAT_SINGLE_MMAP:
            raise OSError(errno.ENOSYS, UNUSABLE)
        self._entries, self._completions = params[SQ_ENTRIES], params[CQ_ENTRIES]
        queue, completions = params[SQ_OFF_ARRAY], params[CQ_OFF_CQES]
        completions_end = completions + CQE_BYTES * self._completions
        rings = memoryview(mmap.mmap(self.fd, max(queue + WORD * self._entries, completions_end), mmap.MAP_SHARED))
        self._words, table = rings.cast("I"), rings[completions:completions_end]
        self._queue = self._words[queue // WORD : queue // WORD + self._entries]
        self._completed_numbers = table.cast("Q")[CQE_USER_DATA // LONG :: CQE_BYTES // LONG]
        self._results = table.cast("i")[CQE_RES // WORD :: CQE_BYTES // WORD]
        self._sq_tail = params[SQ_OFF_TAIL] // WORD
        self._cq_head, self._cq_tail = params[CQ_OFF_HEAD] // WORD, params[CQ_OFF_TAIL] // WORD
        self._numbers = list(range(self._entries))
        self._queued_numbers = array("I", self._numbers)

    def _map_entries(self) -> None:
        """Maps the table of sends, and writes the columns that are the same in every call."""
        table = memoryview(mmap.mmap(self.fd, self._entries * SQE_BYTES, mmap.MAP_SHARED, offset=IORING_OFF_SQES))
        words, longs = table.cast("i"), table.cast("Q")
        words_each, longs_each = SQE_BYTES // WORD, SQE_BYTES // LONG
        table[SQE_OPCODE::SQE_BYTES] = bytes([IORING_OP_SEND]) * self._entries
        words[SQE_MSG_FLAGS // WORD :: words_each] = array("i", [MSG_DONTWAIT | MSG_NOSIGNAL]) * self._entries
        longs[SQE_USER_DATA // LONG :: longs_each] = array("Q", self._numbers)  # comes back with the result
        self._fds, self._lengths = words[SQE_FD // WORD :: words_each], words[SQE_LEN // WORD :: words_each]
        self._addresses = longs[SQE_ADDR // LONG :: longs_each]

    def _test_itself(self) -> None:
        """Raises OSError if the ring does not send, or would wait for a socket that is full."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            try:
                results = self.send(array("i", [ours.fileno()] * 2), b"io_uring")
                _fill(ours)
                results += self.send(array("i", [ours.fileno()] * 2), b"io_uring")
            except Broken as broken:
                raise OSError(errno.ENOSYS, UNUSABLE) from broken
            if results != [len(b"io_uring")] * 2 + [-errno.EAGAIN] * 2:
                raise OSError(errno.ENOSYS, UNUSABLE)


def _in_order(numbers: list[int], results: list[int], begun: int) -> list[int]:
    """The results in the order of the sends; a send without a result failed."""
    ordered = [-errno.EIO] * begun
    for number, result in zip(numbers, results, strict=True):
        ordered[number] = result
    return ordered


def _fill(full: socket.socket) -> None:
    with suppress(BlockingIOError):
        while True:
            full.send(bytes(65536))
