"""A server's metrics: its own at /metrics, and the kernel's about its workers."""

import re

import psutil

from tests.harness import http_client
from tests.harness.environment import SETTINGS
from tests.harness.server import Server

SAMPLE = re.compile(r"^(\w+)(\{[^}]*\})? (\S+)$", re.MULTILINE)


def samples(server: Server) -> dict[str, float]:
    """Every sample of /metrics by name, with its labels as printed."""
    headers = {"Authorization": f"Bearer {SETTINGS['METRICS_TOKEN']}"}
    answer = http_client.get(f"{server.url}/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    return {name + labels: float(value) for name, labels, value in SAMPLE.findall(answer.text)}


def closings(server: Server, reason: str) -> float:
    """The number of subscriptions closed for a reason so far."""
    return samples(server).get(f'chat_closings_total{{reason="{reason}"}}', 0.0)


def client_sockets(server: Server) -> int:
    """The number of TCP connections that the workers hold on the server's port."""
    return sum(
        connection.status != psutil.CONN_LISTEN and bool(connection.laddr) and connection.laddr.port == server.port
        for pid in server.worker_pids()
        for connection in psutil.Process(pid).net_connections("tcp")
    )


def descriptors(server: Server) -> int:
    """The number of open descriptors of all workers."""
    return sum(psutil.Process(pid).num_fds() for pid in server.worker_pids())


def threads(server: Server) -> int:
    """The number of operating system threads of all workers."""
    return sum(psutil.Process(pid).num_threads() for pid in server.worker_pids())
