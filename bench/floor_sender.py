"""The floor in Python: what bench/load/floor.c does in C, started by it with the same arguments. A bare loop of os.write()."""

import os
import socket
import struct
import sys
import time

ORDER = struct.Struct("=qq")  # the event's id, and when to begin, in nanoseconds of the monotonic clock; 0: at once
WATCHFUL_NS = 200_000


def accept_all(listener: socket.socket, count: int) -> list[int]:
    """Non-blocking descriptors, in the order of their clients."""
    descriptors = []
    for _ in range(count):
        client, _ = listener.accept()
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        descriptors.append(client.detach())
    return descriptors


def frame(event_id: int, length: int) -> bytes:
    head = b"id: %d\nevent: message\ndata: " % event_id
    return head.ljust(length - 2, b"x") + b"\n\n"


def wait_until(at: int) -> None:
    """Sleeps, then polls the clock for the last 200 µs."""
    time.sleep(max(0, at - WATCHFUL_NS - time.monotonic_ns()) / 1e9)
    while time.monotonic_ns() < at:
        pass


def main(listener: int, trigger: int, count: int, length: int) -> None:
    """Sends until the trigger's other end is closed."""
    descriptors = accept_all(socket.socket(fileno=listener), count)
    write = os.write
    while order := os.read(trigger, ORDER.size):
        event_id, at = ORDER.unpack(order)
        data = frame(event_id, length)
        if at:
            wait_until(at)
        for descriptor in descriptors:
            write(descriptor, data)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
