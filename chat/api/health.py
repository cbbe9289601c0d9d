"""What an operator's machinery asks: does the process answer, does it hear the log, and its figures."""

import hmac
from time import monotonic

import gevent
from flask import Blueprint, Response, request

from chat.api.auth import service
from chat.api.operation import answer
from chat.errors import NotFound, NotSignedIn
from chat.services import metrics
from chat.version import VERSION

blueprint = Blueprint("health", __name__)

HEARD_WITHIN_SECONDS = 3.0
LOOK_SECONDS = 0.02


@blueprint.get("/api/v1/")
def about() -> Response:
    return answer({"data": {"app": "chatserver", "version": VERSION}})


@blueprint.get("/healthz")
def alive() -> Response:
    return answer({"status": "alive"})


@blueprint.get("/readyz")
def ready() -> Response:
    """Judged through the delivery path: what is committed now must arrive at this worker's hub.

    While Redis is away the hub hears the database, and the worker stays ready."""
    service().listen()
    hub = service().hub
    if hub.draining:
        return answer({"status": "draining"}, 503)
    head, deadline = service().lookups.head(), monotonic() + HEARD_WITHIN_SECONDS
    while hub.position < head or not hub.ready.is_set():
        if monotonic() > deadline:
            return answer({"status": "deaf", "heard": hub.position, "head": head}, 503)
        gevent.sleep(LOOK_SECONDS)
    return answer({"status": "ready", "heard": hub.position, "head": head})


@blueprint.get("/metrics")
def figures() -> Response:
    """Prometheus text, of all workers together; for whoever has METRICS_TOKEN, and nothing at all where none is set."""
    wanted = service().settings.metrics_token
    if not wanted:
        raise NotFound
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), wanted.encode()):
        raise NotSignedIn
    return Response(metrics.text(), content_type=metrics.CONTENT_TYPE)
