"""The environment of the product in tests: the settings here, and none of the tester's own."""

import os
from collections.abc import Mapping

TESTER_ONLY = ("TEST_DATABASE_URL", "TEST_REDIS_URL")
HEARTBEAT_SECONDS = "1"  # a test that proves silence waits for a heartbeat
SETTINGS = {"SECRET_KEY": "a key for tests", "METRICS_TOKEN": "metrics", "HEARTBEAT_SECONDS": HEARTBEAT_SECONDS, "ADMIN_BIND": ""}
FOREIGN = (
    "DATABASE_URL",
    "REDIS_URL",
    "HOST",
    "BIND",
    "ADMIN_BIND",
    "PORT",
    "LOG_LEVEL",
    "LOG_FORMAT",
    "ACCESS_LOG",
    "WEB_CONCURRENCY",
    "PROXY_HOPS",
    "IO_URING",
    "CHAT_DATA",
    "FILES_URL",
    "GUNICORN_CMD_ARGS",
    "PROMETHEUS_MULTIPROC_DIR",
)


def product_settings(database_url: str, redis_url: str, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The product's own variables."""
    return {**SETTINGS, "DATABASE_URL": database_url, "REDIS_URL": redis_url, **(more or {})}


def product_environment(database_url: str, redis_url: str, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The whole environment of a process of the product."""
    kept = {name: value for name, value in os.environ.items() if name not in (*FOREIGN, *TESTER_ONLY)}
    return {**kept, "PYTHONUNBUFFERED": "1", **product_settings(database_url, redis_url, more)}
