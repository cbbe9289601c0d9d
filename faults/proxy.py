"""The process that all relays of a run live in, and the handles on it: the load and the faults do not slow the relays down.

Its standard input takes one command a line, as JSON; its standard output has one line of JSON for each. It ends with its standard input."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from faults.relay import Counts, Mode, Relay, as_mode

ROOT = Path(__file__).parent.parent


class Proxy:
    """The process, from `start` to `stop`."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def start(self) -> Self:
        command = [sys.executable, "-m", "faults.proxy"]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        return self

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def relay(self, target: str) -> "RelayHandle":
        """A new relay to `host:port` or a UNIX socket's path, on a port of its own."""
        opened = self.call("open", target=target)
        return RelayHandle(self, opened["number"], opened["port"])

    def call(self, command: str, **values: Any) -> Any:
        assert self._process and self._process.stdin and self._process.stdout, "start it first"
        with self._lock:
            self._process.stdin.write(json.dumps({"command": command, **values}) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("the proxy ended")
        answered = json.loads(answer)
        if "error" in answered:
            raise ValueError(answered["error"])
        return answered["result"]

    def stop(self) -> None:
        if self._process and self._process.stdin:
            self._process.stdin.close()
            self._process.wait(10)


class RelayHandle:
    """One relay, as the process of the scenarios sees it."""

    def __init__(self, proxy: Proxy, number: int, port: int) -> None:
        self.port = port
        self.address = f"127.0.0.1:{port}"
        self._proxy = proxy
        self._number = number

    def set(self, kind: str = "pass", **values: Any) -> None:
        self._call("set", mode=asdict(Mode(kind, **values)))

    @contextmanager
    def mode(self, kind: str, **values: Any) -> Iterator[None]:
        self.set(kind, **values)
        try:
            yield
        finally:
            self.set()

    def retarget(self, target: str) -> None:
        """Where new connections go."""
        self._call("retarget", target=target)

    def cut(self) -> int:
        return int(self._call("cut"))

    def half_open(self) -> int:
        return int(self._call("half_open"))

    def give_up(self) -> int:
        return int(self._call("give_up"))

    def close(self) -> None:
        self._call("close")

    def counts(self) -> Counts:
        return Counts(**self._call("counts"))

    def _call(self, command: str, **values: Any) -> Any:
        return self._proxy.call(command, number=self._number, **values)


class Commands:
    """What a line of the standard input may ask for, inside the process."""

    def __init__(self) -> None:
        self._relays: list[Relay] = []

    def run(self, command: str, number: int = 0, **values: Any) -> Any:
        if command == "open":
            return self._open(values["target"])
        relay = self._relays[number]
        if command == "set":
            return relay.set(as_mode(values["mode"]))
        if command == "retarget":
            relay.target = values["target"]
            return None
        if command == "counts":
            return asdict(relay.counts)
        return {"cut": relay.cut, "close": relay.close, "half_open": relay.half_open, "give_up": relay.give_up}[command]()

    def _open(self, target: str) -> dict[str, int]:
        relay = Relay(target)
        relay.open()
        self._relays.append(relay)
        return {"number": len(self._relays) - 1, "port": relay.port}


async def serve() -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    commands = Commands()
    while line := await reader.readline():
        try:
            answer: dict[str, Any] = {"result": commands.run(**json.loads(line))}
        except Exception as error:  # noqa: BLE001 - the caller gets every error
            answer = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(serve())
