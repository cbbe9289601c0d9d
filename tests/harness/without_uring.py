"""A program that may not use io_uring and sends to a crowd. It exits with 0 if every socket got its bytes."""

import ctypes
import errno
import logging
import socket
import struct
import sys
from array import array

import gevent

from chat.live.batch_send import MIN_BATCH, BatchSender
from chat.live.uring import IO_URING_SETUP

PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 22, 38, 2
LOAD_NUMBER, IF_EQUAL, RETURN = 0x20, 0x15, 0x06  # BPF: of seccomp's data the first word, which is the system call's number
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM


def refuse(number: int) -> None:
    """Forbids this process the system call by seccomp."""
    steps = [(LOAD_NUMBER, 0, 0, 0), (IF_EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE), (RETURN, 0, 0, ALLOW)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code)))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    if prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program):
        raise OSError(ctypes.get_errno(), "seccomp")


def main() -> int:
    logging.basicConfig(level=logging.INFO)
    refuse(IO_URING_SETUP)
    pairs = [socket.socketpair() for _ in range(MIN_BATCH)]
    sends = BatchSender()
    took = [sends.send(array("i", [ours.fileno() for ours, _ in pairs]), b"all the same") for _ in range(2)]
    gevent.sleep(0)  # what it says of it
    got = [theirs.recv(100) for _, theirs in pairs]
    return 0 if took == [[12] * MIN_BATCH] * 2 and got == [b"all the same" * 2] * MIN_BATCH else 1


if __name__ == "__main__":
    sys.exit(main())
