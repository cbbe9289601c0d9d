"""gunicorn as a child process: apply the schema, start, wait until healthy, stop."""

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress

from chat.addresses import Address
from chat.cli.preflight import ANSWER_SECONDS, ROOT
from chat.embedded import CannotStart
from chat.embedded.child_process import end, run, spawn

HEALTHY_SECONDS = 60
GRACE_SECONDS = 35  # more than gunicorn gives its workers
POLL_SECONDS = 0.05


class GunicornDied(Exception):
    """gunicorn ended without being asked to. `code` is its exit code as a shell reports it."""

    def __init__(self, code: int) -> None:
        self.code = code if code >= 0 else 128 - code
        super().__init__(self.code)


def apply_schema(environment: Mapping[str, str]) -> None:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "init-db"]
    code, output = run(command, parent_death_signal=signal.SIGTERM, folder=ROOT, environment=environment)
    if code != 0:
        raise CannotStart(f"the schema could not be applied: {_error_line(output)}")


def start_gunicorn(environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]
    return spawn(command, parent_death_signal=signal.SIGQUIT, folder=ROOT, environment=environment)


def wait_until_healthy(web: subprocess.Popen[bytes], address: Address) -> None:
    deadline = time.monotonic() + HEALTHY_SECONDS
    while not _is_healthy(address):
        if web.poll() is not None:
            raise GunicornDied(web.returncode)
        if time.monotonic() > deadline:
            raise CannotStart(f"the service did not answer on {address} within {HEALTHY_SECONDS} s")
        time.sleep(POLL_SECONDS)


def stop_gunicorn(web: subprocess.Popen[bytes]) -> None:
    end(web, (signal.SIGTERM, GRACE_SECONDS))
    with suppress(ProcessLookupError):  # A master that died by itself leaves its workers behind.
        os.killpg(web.pid, signal.SIGKILL)


def _is_healthy(address: Address) -> bool:
    connection = http.client.HTTPConnection("localhost")
    try:
        connection.sock = address.dial(ANSWER_SECONDS)
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):  # Not started yet.
        return False
    finally:
        connection.close()


def _error_line(output: list[str]) -> str:
    """Returns the line of a traceback that names the error, not the advice after it."""
    lines = [line for line in output if line.strip()] or ["no reason given"]
    errors = [line for line in lines if re.match(r"[\w.]*(Error|Exception|Failure)\b", line)]
    return (errors or lines)[-1]
