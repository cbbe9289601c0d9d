"""What happens when a worker has started, after each request, and when it stops."""

import gc
import os
import resource
import shutil
import signal
from typing import Any

import gevent
from prometheus_client import multiprocess

from chat.server.answer import Answer
from chat.server.balance import BalancedServer, WorkerLoads
from chat.server.worker import ChatWorker
from chat.service import Service

LOOK_SECONDS = 0.1  # how soon a worker that was told to stop begins to send its clients away


def post_worker_init(worker: ChatWorker) -> None:
    """Follows the log, and watches for the end: gunicorn has no hook for the beginning of a graceful stop."""
    _allow_descriptors()
    service: Service = worker.wsgi.extensions["chat"]
    service.administration.on_stop(lambda: _stop_soon(worker))
    service.start()
    BalancedServer.roll = WorkerLoads(worker.age, lambda: len(service.epoll), service.hub.ready.is_set)
    _collect_rarely()
    _settle(worker.cfg)
    gevent.spawn(_say_when_ready, worker, service)
    gevent.spawn(_drain_at_the_end, worker, service)
    gevent.spawn(worker.close_idle)


def pre_request(_worker: Any, request: Any) -> None:
    request.began = gevent.get_hub().loop.iteration


def post_request(_worker: Any, request: Any, _environ: Any, _response: Any) -> None:
    """A connection whose next request is there already, and whose requests wait for nothing, would starve the others: it gives way."""
    if gevent.get_hub().loop.iteration == request.began:
        gevent.sleep(0)


def worker_exit(_: Any, worker: ChatWorker) -> None:
    """Whatever way it ended, what it leased is given back. With no request under way it ends before anybody has looked:
    its clients are sent away here."""
    application = getattr(worker, "wsgi", None)
    if application is not None:
        service: Service = application.extensions["chat"]
        if not service.hub.draining:
            service.hub.drain()
        service.presence_report.release()


def child_exit(_: Any, worker: ChatWorker) -> None:
    """In the master: the gauges of a worker that is gone count no more."""
    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(_: Any) -> None:
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)


def _say_when_ready(worker: ChatWorker, service: Service) -> None:
    service.hub.ready.wait()
    worker.log.info("Worker ready with pid: %s", worker.pid)


def _drain_at_the_end(worker: ChatWorker, service: Service) -> None:
    while worker.alive:
        gevent.sleep(LOOK_SECONDS)
    if BalancedServer.roll is not None:
        BalancedServer.roll.leave()
    Answer.stopping = True
    service.hub.drain()


def _stop_soon(worker: ChatWorker) -> None:
    """The operator's order: the master drains and ends, a moment after this worker has said that it heard."""
    gevent.spawn_later(LOOK_SECONDS, os.kill, worker.ppid, signal.SIGTERM)


def _settle(config: Any) -> None:
    """gunicorn looks each setting up anew, some thirty times a request: they do not change any more."""
    config.__dict__.update({name: getattr(config, name) for name in config.settings})


def _collect_rarely() -> None:
    """What is loaded by now stays, and streams are no garbage: the collector need not look through them all the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(2_000, 20, 50)


def _allow_descriptors() -> None:
    """Each stream is a descriptor: as many as the system lets this process have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
