"""`bin/serve`: starts the servers it needs, applies the schema, starts gunicorn, and stops all of it in reverse order.

An error at the start is one line on stderr and exit code 1. Wrong settings are a line each and exit code 3.
If bin/serve is killed, its children end too."""

import os
import signal
import subprocess
import sys
import time
from collections import deque
from contextlib import ExitStack, suppress
from typing import Any, NoReturn

from chat.addresses import Address
from chat.cli.environment_file import environment_file
from chat.cli.gunicorn_process import GunicornDied, apply_schema, start_gunicorn, stop_gunicorn, wait_until_healthy
from chat.cli.preflight import Preflight, run_preflight
from chat.config import WrongSetting
from chat.embedded import CannotStart, Postgres, Server, Valkey
from chat.startup import CANNOT_START, check_descriptors

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
DEATHS = 5  # of one server
DEATHS_SECONDS = 60  # so many deaths within this time: a restart would not help


class Stopped(BaseException):
    """A stop was requested. A BaseException, so that no `except Exception` swallows it."""


def main() -> int:
    _handle_signals()
    started = ExitStack()
    try:
        serve(started)
    except Stopped:
        return 0
    except GunicornDied as death:
        return _fail(f"gunicorn stopped by itself with code {death.code}, so everything stops", code=death.code or 1)
    except WrongSetting as wrong:
        return _fail(*wrong.lines, code=CANNOT_START)
    except CannotStart as failure:
        return _fail(str(failure))
    except OSError as failure:  # No permission to write, or no space left.
        return _fail(f"cannot write {failure.filename or 'the data'}: {failure.strerror}")
    finally:
        _ignore_signals()
        started.close()


def serve(started: ExitStack) -> NoReturn:
    check_descriptors()
    preflight = run_preflight(os.environ)
    environment = dict(preflight.environment)
    servers = [
        (variable, server)
        for variable, server in (("DATABASE_URL", Postgres(preflight.data / "postgres")), ("REDIS_URL", Valkey(preflight.data / "valkey")))
        if not environment.get(variable)
    ]
    for variable, server in servers:
        started.callback(server.stop)
        server.start()
        environment[variable] = server.url
    _print("bringing the database to this version's schema; it may take up to a minute to answer")
    apply_schema(environment)
    started.enter_context(environment_file(preflight.data, environment))
    web = start_gunicorn(environment)
    started.callback(stop_gunicorn, web)
    wait_until_healthy(web, _own_address(preflight))
    _welcome(preflight)
    watch(web, [server for _, server in servers])


def watch(web: subprocess.Popen[bytes], servers: list[Server]) -> NoReturn:
    """Waits until gunicorn ends or a signal comes, and restarts a server that dies: the service survives that.

    gunicorn's exit code is 0 if an operator has stopped the service."""
    deaths: dict[Server, deque[float]] = {server: deque(maxlen=DEATHS) for server in servers}
    while True:
        ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
        if web.poll() == 0:
            raise Stopped
        if web.poll() is not None:
            raise GunicornDied(web.returncode)
        for server in servers:
            if not server.running():
                _restart(server, deaths[server])
        if ended:
            _reap(ended.si_pid)


def _restart(server: Server, deaths: deque[float]) -> None:
    while not server.running():
        now = time.monotonic()
        deaths.append(now)
        if len(deaths) == DEATHS and now - deaths[0] < DEATHS_SECONDS:
            raise CannotStart(f"{server.name} died {DEATHS} times within {DEATHS_SECONDS} s, so everything stops: see {server.log}")
        _print(f"{server.name} died and is started again")
        try:
            server.start()
        except CannotStart as failure:
            _print(str(failure))


def _reap(pid: int) -> None:
    """The first process of a container also inherits the orphans of others."""
    with suppress(ChildProcessError):  # It is one of ours, and was reaped already.
        os.waitpid(pid, os.WNOHANG)


def _welcome(preflight: Preflight) -> None:
    address = _own_address(preflight)
    curl, url = (f"curl --unix-socket {address.path}", "http://localhost") if address.path else ("curl", f"http://{address}")
    person = '{"name": "alan", "password": "correct horse battery staple"}'  # not README's ada, whose password is another
    _print(f"serving on {address if address.path else url}, with data in {preflight.data}; Ctrl-C stops it. To try it:")
    print(f"{curl} -i {url}/api/v1/users -H 'Content-Type: application/json' -d '{person}'", flush=True)
    if bind := preflight.settings.admin_bind:
        _print(f"the operator's page is on http://{bind}/ ; `bin/chat admin key add NAME` makes a key for it")


def _own_address(preflight: Preflight) -> Address:
    return preflight.settings.public()[0].nearby()


def _handle_signals() -> None:
    for number in STOP_SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # `nohup bin/serve` ignores SIGHUP
            signal.signal(number, _stop)


def _stop(_number: int, _frame: Any) -> NoReturn:
    _ignore_signals()  # A second Ctrl-C must not interrupt the stop that the first one began.
    raise Stopped


def _ignore_signals() -> None:
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _print(line: str) -> None:
    print(f"bin/serve: {line}", flush=True)


def _fail(*lines: str, code: int = 1) -> int:
    for line in lines:
        print(f"bin/serve: {line}", file=sys.stderr, flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
