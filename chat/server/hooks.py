"""gunicorn's hooks: what a worker does when it has started, around each request, and when it stops."""

import gc
import logging
import os
import shutil
from time import monotonic
from typing import Any

import gevent
from prometheus_client import multiprocess

from chat import descriptors
from chat.loggers import repeats
from chat.loggers.lines import Line
from chat.server import access_log
from chat.server.balance import BalancedServer, WorkerLoads
from chat.server.drain import drain_when_stopped, stop_soon
from chat.server.schema_check import check_when_back
from chat.server.subscribers import count_batch
from chat.server.worker import ChatWorker
from chat.wiring import Service

logger = logging.getLogger(__name__)

COUNTS_SECONDS = 5.0
FIRST = 1  # of a start's workers: they share the store


def post_fork(_: Any, worker: ChatWorker) -> None:
    Line.worker = str(worker.age)
    repeats.clear()


def post_worker_init(worker: ChatWorker) -> None:
    """Starts the service, and a watch for the stop: gunicorn has no hook for the beginning of a graceful stop."""
    descriptors.raise_limit()
    gevent.get_hub().print_exception = _log_uncaught  # type: ignore[assignment, method-assign]
    service: Service = worker.wsgi.extensions["chat"]
    service.administration.on_stop(lambda: stop_soon(worker))
    if access_log.is_on():
        service.hub.fanout.after_batch = count_batch
    service.start()
    BalancedServer.loads = WorkerLoads(worker.age, lambda: len(service.epoll), service.hub.ready.is_set)
    _collect_rarely()
    _fix_settings(worker.cfg)
    gevent.spawn(_log_when_ready, worker, service)
    gevent.spawn(drain_when_stopped, worker, service)
    gevent.spawn(worker.close_idle)
    gevent.spawn(check_when_back, worker, service)
    gevent.spawn(_write_counts)
    if worker.age == FIRST:
        gevent.spawn(service.uploads.check_store)


def pre_request(_worker: Any, request: Any) -> None:
    request.began = gevent.get_hub().loop.iteration
    request.began_at = monotonic()


def post_request(_worker: Any, request: Any, environ: Any, response: Any) -> None:
    """Writes the access line. Switches to other greenlets if the request did not: a connection whose next request has arrived already
    would starve the others."""
    access_log.log_request(request, environ, response)
    if gevent.get_hub().loop.iteration == request.began:
        gevent.sleep(0)


def worker_exit(_: Any, worker: ChatWorker) -> None:
    """Releases the worker's lease, whatever way it ended. A worker without a request under way ends before the watch for the stop
    has looked: its clients are disconnected here."""
    application = getattr(worker, "wsgi", None)
    if application is not None:
        service: Service = application.extensions["chat"]
        if not service.hub.draining:
            service.hub.drain()
        service.presence_report.release()
    repeats.write_counts(all_=True)


def child_exit(_: Any, worker: ChatWorker) -> None:
    """In the master: removes the gauges of a worker that is gone."""
    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(_: Any) -> None:
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
    repeats.write_counts(all_=True)


def _log_when_ready(worker: ChatWorker, service: Service) -> None:
    service.hub.ready.wait()
    worker.log.info("Worker ready with pid: %s", worker.pid)


def _log_uncaught(_context: object, _kind: object, error: object, _trace: object) -> None:
    """Of a greenlet. gevent itself would print the greenlet's arguments, and a failed statement's values."""
    logger.error("a greenlet failed", exc_info=error if isinstance(error, BaseException) else None)


def _write_counts() -> None:
    """Of repeated faults, soon after their minute is over also if nothing else is logged."""
    while True:
        gevent.sleep(COUNTS_SECONDS)
        repeats.write_counts()


def _fix_settings(config: Any) -> None:
    """Stores each setting as an attribute: gunicorn computes some thirty a request anew, and they do not change any more."""
    config.__dict__.update({name: getattr(config, name) for name in config.settings})


def _collect_rarely() -> None:
    """Has the garbage collector run rarely: what is loaded by now stays, and open streams are no garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(2_000, 20, 50)
