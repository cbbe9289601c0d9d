"""Liveness, readiness and metrics, for an operator's orchestrator and monitoring."""

import hmac
from time import monotonic

import gevent
from flask import Blueprint, Response, request
from sqlalchemy.exc import SQLAlchemyError

from chat.api.auth import service
from chat.api.operation import answer
from chat.problems import NotFound, NotSignedIn
from chat.services import metrics
from chat.services.database import Overdue
from chat.version import VERSION

blueprint = Blueprint("health", __name__)

ANSWER_SECONDS = 1.8  # whatever hangs
LOOK_SECONDS = 0.02


@blueprint.get("/api/v1/")
def about() -> Response:
    return answer({"data": {"app": "chatserver", "version": VERSION}})


@blueprint.get("/healthz")
def alive() -> Response:
    return answer({"status": "alive"})


@blueprint.get("/readyz")
def ready() -> Response:
    """Judged through the delivery path: what is committed now must arrive at this worker's hub within the time to answer.

    While Redis is away the hub reads the database, and the worker stays ready. `part` names what hangs."""
    service().listen()
    hub, deadline = service().hub, monotonic() + ANSWER_SECONDS
    if hub.draining:
        return answer({"status": "draining"}, 503)
    try:
        with gevent.Timeout(ANSWER_SECONDS, Overdue):
            head = service().lookups.head()
    except (SQLAlchemyError, Overdue):
        return answer({"status": "deaf" if hub.deaf else "unready", "part": "database", "heard": hub.position}, 503)
    if service().writer.waiting_seconds > ANSWER_SECONDS or service().writer.is_failing:
        return answer({"status": "unready", "part": "posting", "heard": hub.position, "head": head}, 503)
    while hub.position < head or not hub.ready.is_set():
        if monotonic() > deadline:
            return answer({"status": "deaf", "part": "delivery", "heard": hub.position, "head": head}, 503)
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
