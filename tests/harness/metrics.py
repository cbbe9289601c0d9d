"""A server's figures: what it says itself at /metrics, and what the kernel says of its workers."""

import re

import psutil

from tests.harness import http_client
from tests.harness.environment import SETTINGS
from tests.harness.server import Server

SAMPLE = re.compile(r"^(\w+)(\{[^}]*\})? (\S+)$", re.MULTILINE)


def samples(server: Server) -> dict[str, float]:
    """Every sample by its name, with its labels as they are written."""
    headers = {"Authorization": f"Bearer {SETTINGS['METRICS_TOKEN']}"}
    answer = http_client.get(f"{server.url}/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    return {name + labels: float(value) for name, labels, value in SAMPLE.findall(answer.text)}


def closings(server: Server, reason: str) -> float:
    """How many subscriptions were closed for a reason so far."""
    return samples(server).get(f'chat_closings_total{{reason="{reason}"}}', 0.0)


def client_sockets(server: Server) -> int:
    """TCP connections that the workers hold on the server's port, as the kernel lists them."""
    return sum(
        connection.status != psutil.CONN_LISTEN and bool(connection.laddr) and connection.laddr.port == server.port
        for pid in server.worker_pids()
        for connection in psutil.Process(pid).net_connections("tcp")
    )


def descriptors(server: Server) -> int:
    """Everything that the workers have open."""
    return sum(psutil.Process(pid).num_fds() for pid in server.worker_pids())


def threads(server: Server) -> int:
    """Threads of the operating system, all workers together."""
    return sum(psutil.Process(pid).num_threads() for pid in server.worker_pids())
