"""Metrics for Prometheus, of all workers of a machine together (prometheus_client's multiprocess mode)."""

import os

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess

CONTENT_TYPE = CONTENT_TYPE_LATEST
SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)

STREAMS = Gauge("chat_streams", "Open subscriptions", multiprocess_mode="livesum")
SOCKETS = Gauge("chat_sockets", "Client sockets taken over from the server", multiprocess_mode="livesum")
TAIL = Gauge("chat_tail_events", "Events in memory, of the worker with the most", multiprocess_mode="livemax")
POOL = Gauge("chat_database_connections_in_use", "Connections out of the pool", multiprocess_mode="livesum")
DELIVERIES = Counter("chat_deliveries", "Events sent to subscribers")
CLOSINGS = Counter("chat_closings", "Subscriptions closed, by reason", ["reason"])
POSTS = Counter("chat_posts", "Messages committed")
MENDS = Counter("chat_log_mends", "Times that the log lacked what another worker had committed")
COMMIT = Histogram("chat_commit_seconds", "From taking a batch of posts to its commit", buckets=SECONDS)
DELIVERY = Histogram("chat_delivery_seconds", "From a batch's commit to the end of its fan-out on the same worker", buckets=SECONDS)
BACKLOG = Gauge("chat_backlog_bytes", "Kept for subscribers that take no more just now", multiprocess_mode="livesum")


def text() -> bytes:
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
