"""Chooses which worker of a server answers: the others are stopped meanwhile, so the kernel gives them no connection."""

import os
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

import httpx
import psutil

from tests.harness import http_client
from tests.harness.people import Person
from tests.harness.server import Server

Answer = TypeVar("Answer")


@contextmanager
def only(server: Server, pid: int) -> Iterator[None]:
    """New connections go to this worker inside the block. Earlier connections may belong to a stopped worker: do not use them."""
    others = [other for other in server.worker_pids() if other != pid]
    for other in others:
        os.kill(other, signal.SIGSTOP)
    try:
        yield
    finally:
        for other in others:
            os.kill(other, signal.SIGCONT)


def on_each_worker(server: Server, ask: Callable[[], Answer]) -> list[Answer]:
    """Returns each worker's answer. `ask` must open a new connection each time."""
    answers = []
    for pid in server.worker_pids():
        with only(server, pid):
            answers.append(ask())
    assert len(answers) == server.workers
    return answers


def request_each_worker(
    server: Server, person: Person, method: str, path: str, json: object = None, headers: Mapping[str, str] | None = None
) -> list[httpx.Response]:
    """Sends the same request of one person to each worker. Returns the responses."""
    named = {"Authorization": f"Bearer {person.token}", **(headers or {})}

    def ask() -> httpx.Response:
        return http_client.request(method, server.url + path, json=json, headers=named)

    return on_each_worker(server, ask)


def is_accepted(server: Server, client: socket.socket) -> bool:
    """Whether a running worker has accepted the connection."""
    port = client.getsockname()[1]
    workers = [psutil.Process(pid) for pid in server.worker_pids()]
    return any(found.raddr and found.raddr.port == port for worker in workers for found in worker.net_connections("tcp"))
