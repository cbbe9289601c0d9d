"""Liveness, readiness and metrics, for an operator's orchestrator and monitoring."""

import hmac
from time import monotonic

import gevent
from flask import Blueprint, Response, request

from chat.api.auth import service
from chat.api.operation import answer
from chat.problems import NotFound, NotSignedIn
from chat.services import metrics
from chat.version import VERSION

blueprint = Blueprint("health", __name__)

DELIVERED_WITHIN_SECONDS = 3.0
LOOK_SECONDS = 0.02


@blueprint.get("/api/v1/")
def about() -> Response:
    return answer({"data": {"app": "chatserver", "version": VERSION}})


@blueprint.get("/healthz")
def alive() -> Response:
    return answer({"status": "alive"})


@blueprint.get("/readyz")
def ready() -> Response:
    """Judged through the delivery path: what is committed now must arrive at this worker's hub within 3 s.

    While Redis is away the hub reads the database, and the worker stays ready."""
    service().listen()
    hub = service().hub
    if hub.draining:
        return answer({"status": "draining"}, 503)
    head, deadline = service().lookups.head(), monotonic() + DELIVERED_WITHIN_SECONDS
    while hub.position < head or not hub.ready.is_set():
        if monotonic() > deadline:
            return answer({"status": "deaf", "heard": hub.position, "head": head}, 503)
        gevent.sleep(LOOK_SECONDS)
    return answer({"status": "ready", "heard": hub.position, "head": head})


@blueprint.get("/metrics")
def figures() -> Response:
    """Prometheus text, all workers together. Needs METRICS_TOKEN; without that setting there is no such address."""
    token = service().settings.metrics_token
    if not token:
        raise NotFound
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(value.strip().encode(), token.encode()):
        raise NotSignedIn
    return Response(metrics.text(), content_type=metrics.CONTENT_TYPE)
