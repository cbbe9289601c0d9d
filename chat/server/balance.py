"""Evenness between the workers: one that holds more clients than the others leaves the next to them for a moment.

A stream stays where it was accepted. Left to the kernel, the worker that happened to be faster in a rush ends with half as many again,
and is the last to send and the slowest to answer; and after one was restarted, the others would keep all."""

import mmap
import os
import socket
import struct
from collections.abc import Callable
from time import monotonic
from typing import Any, ClassVar

import gevent
from gevent.server import StreamServer

SLOTS = 32  # workers of one gunicorn that can tell each other apart
ENTRY = struct.Struct("qqd")  # process id, open clients, when it said so (the monotonic clock is one for all processes)
GONE_AFTER_MS = 45_000  # unanswered bytes: a client that lost its power sends no farewell
FRESH_SECONDS = 0.5  # a worker that has said nothing for so long is not waited for
SAY_SECONDS = 0.1
PAUSE_SECONDS = 0.001
SLACK = 2  # clients
SLACK_SHARE = 0.03  # of one's own: a rush need not wait for the slower worker at every step

_shared = mmap.mmap(-1, SLOTS * ENTRY.size)  # made in the master, before the workers are forked


class WorkerLoads:
    """How many clients each worker of this machine has."""

    def __init__(self, slot: int, streams: Callable[[], int], ready: Callable[[], bool]) -> None:
        self._offset = slot % SLOTS * ENTRY.size
        self._streams = streams
        self._ready = ready
        self._left = False

    def say(self, requests: int, full: bool = False) -> int:
        """Tells the others how many clients there are here, unless it could take no more; answers it."""
        clients = requests + self._streams()
        if self._ready() and not full and not self._left:
            ENTRY.pack_into(_shared, self._offset, os.getpid(), clients, monotonic())
        return clients

    def leave(self) -> None:
        """This worker takes nobody any more."""
        self._left = True
        ENTRY.pack_into(_shared, self._offset, 0, 0, 0.0)

    def is_ahead(self, clients: int) -> bool:
        """Whether the others have clearly fewer, on the average."""
        since, me = monotonic() - FRESH_SECONDS, os.getpid()
        others = [count for pid, count, said in ENTRY.iter_unpack(_shared) if said > since and pid != me]
        return bool(others) and clients * (1 - SLACK_SHARE) > sum(others) / len(others) + SLACK


class BalancedServer(StreamServer):
    """gevent's server, one a listener, which looks at the roll before it accepts."""

    roll: ClassVar[WorkerLoads | None] = None
    running: ClassVar[list["BalancedServer"]] = []  # what clients any of them has are this worker's
    pool: Any  # as gunicorn gives it: bounded by worker_connections

    def start(self) -> None:
        super().start()
        self.running.append(self)
        if self.socket.family != socket.AF_UNIX:  # what is accepted inherits it
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, GONE_AFTER_MS)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        gevent.spawn(self._keep_saying)

    def _keep_saying(self) -> None:
        """Also while nobody comes: clients leave, too."""
        while self.roll is not None and self.started:
            self.roll.say(self.requests(), any(server.pool.full() for server in self.running))
            gevent.sleep(SAY_SECONDS)

    def do_read(self) -> Any:
        if self.roll is not None and self.roll.is_ahead(self.roll.say(self.requests())):
            self._pause()
            return None
        return super().do_read()

    def requests(self) -> int:
        """Connections that have a greenlet: requests, and those that wait for one."""
        return sum(int(server.pool.size - server.pool.free_count()) for server in self.running)

    def _pause(self) -> None:
        self.stop_accepting()
        gevent.spawn_later(PAUSE_SECONDS, self._go_on)

    def _go_on(self) -> None:
        if self.started:
            self.start_accepting()
