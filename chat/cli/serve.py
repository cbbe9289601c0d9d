"""`bin/serve`: the servers it needs, the schema, gunicorn; and everything it started gone again when it ends, in order.

What keeps it from starting is one line on stderr and exit code 1. If it is killed, what it started goes too."""

import os
import signal
import subprocess
import sys
import time
from collections import deque
from contextlib import ExitStack
from typing import Any, NoReturn

from chat.cli.preflight import Ground, claim_ground
from chat.cli.running import told
from chat.cli.web import Died, apply_schema, start_gunicorn, stop_gunicorn, wait_until_healthy
from chat.config import admin_bind
from chat.embedded import CannotStart, Postgres, Server, Valkey

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
DEATHS = 5  # of one server
DEATHS_SECONDS = 60  # so many within this: it would only die again


class Stopped(BaseException):
    """Somebody asked us to stop: no `except Exception` on the way may swallow it."""


def main() -> int:
    _listen_to_signals()
    started = ExitStack()
    try:
        serve(started)
    except Stopped:
        return 0
    except Died as death:
        return _complain(f"gunicorn stopped by itself with code {death.code}, so everything stops", death.code or 1)
    except CannotStart as failure:
        return _complain(str(failure))
    except OSError as failure:  # No right to write there, no room left.
        return _complain(f"cannot write {failure.filename or 'the data'}: {failure.strerror}")
    finally:
        _ignore_signals()
        started.close()


def serve(started: ExitStack) -> NoReturn:
    ground = claim_ground(os.environ)
    environment = dict(ground.environment)
    servers = [
        (variable, server)
        for variable, server in (("DATABASE_URL", Postgres(ground.data / "postgres")), ("REDIS_URL", Valkey(ground.data / "valkey")))
        if not environment.get(variable)
    ]
    for variable, server in servers:
        started.callback(server.stop)
        server.start()
        environment[variable] = server.url
    apply_schema(environment)
    started.enter_context(told(ground.data, environment))
    web = start_gunicorn(environment)
    started.callback(stop_gunicorn, web)
    wait_until_healthy(web, ground.port)
    _welcome(ground)
    watch(web, [server for _, server in servers])


def watch(web: subprocess.Popen[bytes], servers: list[Server]) -> NoReturn:
    """Until gunicorn ends or a signal comes. A server that dies is started again: the service lives through that.

    gunicorn ends well where an operator has stopped the service."""
    deaths: dict[Server, deque[float]] = {server: deque(maxlen=DEATHS) for server in servers}
    while True:
        ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
        if web.poll() == 0:
            raise Stopped
        if web.poll() is not None:
            raise Died(web.returncode)
        for server in servers:
            if not server.running():
                _start_again(server, deaths[server])
        if ended:
            _reap(ended.si_pid)


def _start_again(server: Server, deaths: deque[float]) -> None:
    while not server.running():
        now = time.monotonic()
        deaths.append(now)
        if len(deaths) == DEATHS and now - deaths[0] < DEATHS_SECONDS:
            raise CannotStart(f"{server.name} died {DEATHS} times within {DEATHS_SECONDS} s, so everything stops: see {server.log}")
        _say(f"{server.name} died and is started again")
        try:
            server.start()
        except CannotStart as failure:
            _say(str(failure))


def _reap(pid: int) -> None:
    """As the first process of a container we are given others' orphans too."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:  # One of ours, reaped already.
        return


def _welcome(ground: Ground) -> None:
    address = f"http://127.0.0.1:{ground.port}"
    person = '{"name": "alan", "password": "correct horse battery staple"}'  # not README's ada, who is made with another
    _say(f"serving on {address} with its data in {ground.data}; Ctrl-C stops it. To try it:")
    print(f"curl -i {address}/api/v1/users -H 'Content-Type: application/json' -d '{person}'", flush=True)
    if bind := admin_bind(os.environ):
        _say(f"the operator's page is on http://{bind}/ ; `bin/chat admin key add NAME` makes a key for it")


def _listen_to_signals() -> None:
    for number in STOP_SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup bin/serve
            signal.signal(number, _stop)


def _stop(_number: int, _frame: Any) -> NoReturn:
    _ignore_signals()  # Impatient people press Ctrl-C twice: the first one is already being served.
    raise Stopped


def _ignore_signals() -> None:
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _say(line: str) -> None:
    print(f"bin/serve: {line}", flush=True)


def _complain(line: str, code: int = 1) -> int:
    print(f"bin/serve: {line}", file=sys.stderr, flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
