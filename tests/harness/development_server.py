"""`flask run`, as a developer starts the service without gunicorn."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.harness.deadline import eventually
from tests.harness.environment import product_environment
from tests.harness.nginx import answers
from tests.harness.server import ROOT, free_port

START_SECONDS = 30.0


@contextmanager
def flask_run(database_url: str, redis_url: str) -> Iterator[str]:
    """Yields the URL of a development server that answers."""
    port = free_port()
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "run", "--port", str(port)]
    process = subprocess.Popen(
        command, cwd=ROOT, env=product_environment(database_url, redis_url), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        url = f"http://127.0.0.1:{port}"
        eventually(lambda: answers(url), START_SECONDS)
        yield url
    finally:
        process.terminate()
        process.wait(10)
