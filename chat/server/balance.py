"""Balance between the workers: one that holds more clients than the others pauses accepting for a moment.

A stream stays on the worker that accepted it. Left to the kernel, the worker that was faster in a rush ends with half as many streams
again, and is the last to send and the slowest to answer; and a worker that was restarted would stay empty."""

import mmap
import os
import socket
import struct
from collections.abc import Callable
from time import monotonic
from typing import Any, ClassVar

import gevent
from gevent.server import StreamServer

SLOTS = 32  # workers of one gunicorn that have a slot of their own
ENTRY = struct.Struct("qqd")  # process id, open clients, when it was written (all processes have one monotonic clock)
GONE_AFTER_MS = 45_000  # for unacknowledged bytes: a client that lost its power does not close its connection
FRESH_SECONDS = 0.5  # a load that is older than this does not count
PUBLISH_SECONDS = 0.1
PAUSE_SECONDS = 0.001
SLACK = 2  # clients
SLACK_SHARE = 0.03  # of its own clients: in a rush a worker need not wait for the slower one at every step

_shared = mmap.mmap(-1, SLOTS * ENTRY.size)  # made in the master, before the workers are forked


class WorkerLoads:
    """How many clients each worker of this machine has."""

    def __init__(self, slot: int, streams: Callable[[], int], ready: Callable[[], bool]) -> None:
        self._offset = slot % SLOTS * ENTRY.size
        self._streams = streams
        self._ready = ready
        self._left = False

    def publish(self, requests: int, full: bool = False) -> int:
        """Returns the number of clients here, and publishes it unless this worker can take no more: the others must not wait for it."""
        clients = requests + self._streams()
        if self._ready() and not full and not self._left:
            ENTRY.pack_into(_shared, self._offset, os.getpid(), clients, monotonic())
        return clients

    def leave(self) -> None:
        """This worker accepts no more clients."""
        self._left = True
        ENTRY.pack_into(_shared, self._offset, 0, 0, 0.0)

    def is_ahead(self, clients: int) -> bool:
        """Whether the other workers have clearly fewer clients on average."""
        since, me = monotonic() - FRESH_SECONDS, os.getpid()
        others = [count for pid, count, written in ENTRY.iter_unpack(_shared) if written > since and pid != me]
        return bool(others) and clients * (1 - SLACK_SHARE) > sum(others) / len(others) + SLACK


class BalancedServer(StreamServer):
    """gevent's server of a listener. It compares the workers' loads before it accepts."""

    loads: ClassVar[WorkerLoads | None] = None
    running: ClassVar[list["BalancedServer"]] = []  # the clients of all of them are this worker's
    pool: Any  # as gunicorn gives it: bounded by worker_connections

    def start(self) -> None:
        super().start()
        self.running.append(self)
        if self.socket.family != socket.AF_UNIX:  # what is accepted inherits it
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, GONE_AFTER_MS)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        gevent.spawn(self._keep_publishing)

    def _keep_publishing(self) -> None:
        """Also while nobody connects: clients leave, too."""
        while self.loads is not None and self.started:
            self.loads.publish(self.requests(), any(server.pool.full() for server in self.running))
            gevent.sleep(PUBLISH_SECONDS)

    def do_read(self) -> Any:
        if self.loads is not None and self.loads.is_ahead(self.loads.publish(self.requests())):
            self._pause()
            return None
        return super().do_read()

    def requests(self) -> int:
        """The connections that have a greenlet: in a request, or waiting for the next one."""
        return sum(int(server.pool.size - server.pool.free_count()) for server in self.running)

    def _pause(self) -> None:
        self.stop_accepting()
        gevent.spawn_later(PAUSE_SECONDS, self._go_on)

    def _go_on(self) -> None:
        if self.started:
            self.start_accepting()
