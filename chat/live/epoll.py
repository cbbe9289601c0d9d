"""One epoll set for all sockets that were taken over: the kernel reports which clients are gone and which can take bytes again.

gevent's loop watches the descriptor of the set, so ten thousand idle streams cost it nothing."""

from typing import Any, Protocol

import gevent
from gevent import monkey

epoll = monkey.get_original("select", "epoll")  # gevent removes it from the module when it patches
GONE = 0x2000 | 0x10 | 0x8  # EPOLLRDHUP | EPOLLHUP | EPOLLERR
WRITABLE = 0x4  # EPOLLOUT
EDGE = 1 << 31  # EPOLLET: bytes that a client sends and nobody reads must not wake the loop again and again
MOST = 512  # events handled at once, before other greenlets run


class SocketOwner(Protocol):
    def writable(self) -> None: ...

    def hung_up(self) -> None: ...


class EpollSet:
    """The owners by descriptor. Its watcher starts with the first of them."""

    def __init__(self) -> None:
        self._epoll: Any = None
        self._io: Any = None
        self._owners: dict[int, SocketOwner] = {}

    def __len__(self) -> int:
        return len(self._owners)

    def add(self, fd: int, owner: SocketOwner) -> None:
        if self._epoll is None:
            self._start()
        self._owners[fd] = owner
        self._epoll.register(fd, GONE | EDGE)

    def want_write(self, fd: int, wanted: bool) -> None:
        self._epoll.modify(fd, GONE | EDGE | (WRITABLE if wanted else 0))

    def remove(self, fd: int) -> None:
        del self._owners[fd]
        self._epoll.unregister(fd)

    def _start(self) -> None:
        self._epoll = epoll()
        self._io = gevent.get_hub().loop.io(self._epoll.fileno(), 1)
        self._io.start(self._ready)

    def _ready(self) -> None:
        for fd, mask in self._epoll.poll(0, MOST):
            owner = self._owners.get(fd)
            if owner is None:
                continue
            if mask & GONE:
                owner.hung_up()
            else:
                owner.writable()
