"""For comparison: nginx's nchan module (C), with two workers as the service has, under the same load and the same checks.
It keeps messages in memory alone: its posts are not durable, so compare fan-out, not end to end."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.load_generator import Load, running_load
from bench.measures import rate_row
from bench.measures.fanout import messages_a_run
from bench.people import write_lines
from bench.stage import Invalid, Stage, required
from bench.table import Row

MODULE = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
START_SECONDS = 10.0
BURST_DELIVERIES = 2_000_000
WARM_UP_MESSAGES = 5
MOST_OPENINGS = 5

CONFIGURATION = """
load_module {module};
user root;
worker_processes 2;
worker_rlimit_nofile 20000;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ worker_connections 20000; }}
http {{
    access_log off;
    client_body_temp_path {folder}/nginx-body;
    keepalive_requests 1000000;
    keepalive_timeout 60;
    nchan_max_reserved_memory 512m;
    server {{
        listen 127.0.0.1:{port} backlog=4096 reuseport;
        location = /subscribe {{ nchan_subscriber eventsource; nchan_channel_id $arg_id; nchan_subscriber_first_message newest; }}
        location = /post {{ nchan_publisher; nchan_channel_id $arg_id; nchan_message_buffer_length 20000; }}
    }}
}}
"""


def nchan(stage: Stage, sizes: list[int], connections: int, runs: int) -> Iterator[Row]:
    if not MODULE.exists() or not shutil.which("nginx"):
        raise Invalid("nchan is not there: apt-get install nginx libnginx-mod-nchan")
    frame_bytes = stage.frame_bytes()
    with _nginx(stage.folder) as port:
        for subscribers in sizes:
            with running_load(stage.program) as load:
                _introduce(load, stage.folder, port, frame_bytes, f"room-{subscribers}")
                note = _open_warm(load, subscribers, stage.inflight)
                yield from _one_at_a_time(load, subscribers, runs, note)
                yield from _burst(load, subscribers, connections, runs)


def _introduce(load: Load, folder: Path, port: int, frame_bytes: int, room: str) -> None:
    """A text that makes nchan's frames as long as ours, because nchan sends fewer fields."""
    load.ask("server", "127.0.0.1", port)
    load.ask("paths", "/subscribe?id={}", "/post?id={}")
    load.ask("foreign")
    load.ask("text", max(1, frame_bytes - len("id: 1700000000:0\ndata: {}\n\n") - len('"text": ""')))
    load.ask("people", write_lines(folder / "nobody", ["-"]))
    load.ask("rooms", write_lines(folder / "channels", [room]))


def _open_warm(load: Load, subscribers: int, inflight: int) -> str:
    """Opens all streams anew if some missed the first message, and says so: only speed is compared. A message posted before one of
    nchan's workers knows that another has the channel is lost to the subscribers there (in every second run at 1,000)."""
    for lost in range(MOST_OPENINGS):
        required(load.ask("open", subscribers, inflight))
        if load.ask("rounds", WARM_UP_MESSAGES)["exact"]:
            return f"lost the first message to some, {lost} times" if lost else ""
        load.ask("drop")
    raise Invalid("nchan lost the first message each time")


def _one_at_a_time(load: Load, subscribers: int, runs: int, note: str) -> Iterator[Row]:
    answers = [load.ask("rounds", messages_a_run(subscribers)) for _ in range(runs)]
    yield rate_row(f"nchan: fan-out to {subscribers:,}, one at a time", answers, "fan_out_rate", note)


def _burst(load: Load, subscribers: int, connections: int, runs: int) -> Iterator[Row]:
    messages = BURST_DELIVERIES // subscribers
    answers = [load.ask("burst", messages, connections) for _ in range(runs)]
    yield rate_row(f"nchan: burst to {subscribers:,}", answers, "rate", f"{messages} messages, not durable")


@contextmanager
def _nginx(folder: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    configuration = folder / "nginx.conf"
    configuration.write_text(CONFIGURATION.format(module=MODULE, folder=folder, port=port))
    process = subprocess.Popen(["nginx", "-c", str(configuration), "-g", "daemon off;"])
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise Invalid("nginx did not start")
