"""How gunicorn runs the service; PORT and WEB_CONCURRENCY choose the address and the number of workers."""

from gevent import monkey

monkey.patch_all()  # before anything of the application is imported, also with --preload

import gc
import os
import tempfile
from contextlib import suppress

gc.disable()  # until the end of this file: what is imported is no garbage, and looking for some takes a third of the start

# Set before prometheus_client is imported: the workers of this start share their metrics in a folder that is empty at first.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="chat-metrics-")

from chat.config import LogSettings, WrongSetting, admin_bind, database_url
from chat.server import hooks
from chat.server.schema_check import check_at_start

bind = [os.environ.get("BIND") or f"{os.environ.get('HOST', '0.0.0.0')}:{os.environ.get('PORT', '8000')}"]
if ADMIN_BIND := admin_bind(os.environ):
    bind.append(ADMIN_BIND)
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
worker_class = "chat.server.worker.ChatWorker"
worker_connections = 10_000  # open requests and idle keep-alive connections; streams that were taken over do not count
backlog = 4096  # a crowd that comes back at once
keepalive = 75  # longer than the routers in front keep their connections, and than a slow first request takes
timeout = 60
graceful_timeout = 25  # PaaS platforms kill 30 s after SIGTERM
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190
forwarded_allow_ips = "*"  # with the next two: gunicorn trusts no header of a proxy, so it need not look at addresses
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""  # the application itself trusts as many proxies as PROXY_HOPS says
control_socket_disable = True
max_requests = 0  # never: a worker that restarts leaves a gap
loglevel = LogSettings.from_environ(os.environ).level
logger_class = "chat.server.gunicorn_logger.GunicornLogger"

post_fork = hooks.post_fork
post_worker_init = hooks.post_worker_init
pre_request = hooks.pre_request
post_request = hooks.post_request
worker_exit = hooks.worker_exit
child_exit = hooks.child_exit
on_exit = hooks.on_exit


def on_starting(_: object) -> None:
    with suppress(WrongSetting):  # the worker's, which stops the start by it
        check_at_start(database_url(os.environ))


gc.freeze()  # what was imported is never looked at again, also not by the workers
gc.enable()
