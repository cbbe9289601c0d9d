"""Real Valkeys: replicas, full ones, ones that take their time to load."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from redis import Redis

from chat.embedded import Valkey
from faults.processes import free_port, wait_for

STREAM_TYPE = "stream"


class FaultyValkey(Valkey):
    """On a UNIX socket, and on a loopback port for its replicas."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        super().__init__(folder, durable=False)
        self.port = free_port()
        self.settings = dict(settings or {})
        self._waits = True

    def _command(self) -> list[str]:
        own = {"port": str(self.port), "bind": "127.0.0.1", "dir": str(self.folder), "enable-debug-command": "local", **self.settings}
        return [*super()._command(), *(word for name, value in own.items() for word in (f"--{name}", value))]

    @property
    def target(self) -> str:
        """Where a relay leads to."""
        return str(self.sockets / "valkey.sock")

    @contextmanager
    def client(self) -> Iterator[Any]:
        with Redis(unix_socket_path=self.target, socket_timeout=10) as redis:
            yield redis

    def follow(self, other: "FaultyValkey") -> None:
        """As a replica, with all that the other has."""
        with self.client() as redis:
            redis.execute_command("REPLICAOF", "127.0.0.1", str(other.port))
            wait_for(lambda: redis.info("replication").get("master_link_status") == "up", 20, "a replica in step")

    def lead(self) -> None:
        """A replica no more; what it has it keeps."""
        with self.client() as redis:
            redis.execute_command("REPLICAOF", "NO", "ONE")

    def configure(self, **settings: str) -> None:
        with self.client() as redis:
            for name, value in settings.items():
                redis.config_set(name.replace("_", "-"), value)

    def used_bytes(self) -> int:
        with self.client() as redis:
            return int(redis.info("memory")["used_memory"])

    def info(self, section: str, name: str) -> int:
        with self.client() as redis:
            return int(redis.info(section)[name])

    def errors(self, kind: str) -> int:
        """How often it has refused a command with this error."""
        with self.client() as redis:
            counted = redis.info("errorstats").get(f"errorstat_{kind}", {})
        return int(counted.get("count", 0)) if isinstance(counted, dict) else 0

    def fill(self, keys: int) -> None:
        """Adds keys, and writes all to the file that it loads from."""
        with self.client() as redis:
            redis.execute_command("DEBUG", "POPULATE", str(keys), "filler", "100")
            redis.save()

    def start_loading(self, microseconds: int) -> None:
        """Returns at once; each key takes so long to load."""
        self.settings |= {"key-load-delay": str(microseconds), "loading-process-events-interval-bytes": "1024"}
        self._waits = False
        self.start()
        self._waits = True

    def wait_until_loaded(self, within: float) -> None:
        wait_for(self._is_ready, within, "a Redis that has loaded")

    def _wait_until_ready(self, deadline: float) -> None:
        if self._waits:
            super()._wait_until_ready(deadline)

    def stream(self) -> str:
        """The key of the log, which is the only stream there is; empty if it is not there."""
        with self.client() as redis:
            keys = [key.decode() for key in redis.scan_iter(_type=STREAM_TYPE)]
        assert len(keys) < 2, f"one stream is expected, not {keys}"
        return keys[0] if keys else ""

    def entries(self) -> list[tuple[int, dict[bytes, bytes]]]:
        """Of the log; none if there is no log."""
        stream = self.stream()
        with self.client() as redis:
            return [(int(entry.partition(b"-")[0]), fields) for entry, fields in redis.xrange(stream)] if stream else []

    def replace(self, stream: str, entries: list[tuple[int, dict[bytes, bytes]]]) -> None:
        """The log, with other contents."""
        with self.client() as redis, redis.pipeline() as step:
            step.delete(stream)
            for number, fields in entries:
                step.xadd(stream, cast(Any, fields), id=f"{number}-0")
            step.execute()
