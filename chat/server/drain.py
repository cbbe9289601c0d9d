"""The drain: a worker that is told to stop takes no new client, and disconnects its streams spread over time."""

import os
import signal

import gevent

from chat.server.answer import Answer
from chat.server.balance import BalancedServer
from chat.server.worker import ChatWorker
from chat.wiring import Service

LOOK_SECONDS = 0.1  # how soon a worker that was told to stop begins to disconnect its clients


def drain_when_stopped(worker: ChatWorker, service: Service) -> None:
    """Watches for the stop: gunicorn has no hook for the beginning of a graceful one."""
    while worker.alive:
        gevent.sleep(LOOK_SECONDS)
    if BalancedServer.loads is not None:
        BalancedServer.loads.leave()
    Answer.stopping = True
    service.hub.drain()


def stop_soon(worker: ChatWorker) -> None:
    """Stops gunicorn's master for an operator, a moment later, when this worker has replied."""
    gevent.spawn_later(LOOK_SECONDS, os.kill, worker.ppid, signal.SIGTERM)
