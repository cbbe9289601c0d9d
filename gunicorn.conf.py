"""How gunicorn runs the service. All settings are read and checked here, before anything forks."""

from gevent import monkey

monkey.patch_all()  # before anything of the application is imported, also with --preload

import gc
import os
import tempfile

gc.disable()  # until the end of this file: what is imported is no garbage, and looking for some takes a third of the start

from chat import startup

settings = startup.settings()
startup.check_descriptors()

# Set before prometheus_client is imported: the workers of this start share their metrics in a folder that is empty at first.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="chat-metrics-")

from chat.server import hooks
from chat.server.schema_check import check_at_start

bind = [str(address) for address in (*settings.public(), *settings.admin())]
workers = settings.workers
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
loglevel = settings.log.level
logger_class = "chat.server.gunicorn_logger.GunicornLogger"

post_fork = hooks.post_fork
post_worker_init = hooks.post_worker_init
pre_request = hooks.pre_request
post_request = hooks.post_request
worker_exit = hooks.worker_exit
child_exit = hooks.child_exit
on_exit = hooks.on_exit


def on_starting(_: object) -> None:
    check_at_start(settings.database_url)


gc.freeze()  # what was imported is never looked at again, also not by the workers
gc.enable()
