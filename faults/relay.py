"""A relay between two programs: it passes bytes, or cuts, holds, swallows, delays and truncates them. One asyncio loop serves all relays.

A mode holds for all connections of a relay, those that are open and those to come. What was swallowed once never works again:
a connection in which bytes are missing stays a black hole, as after a firewall forgot it."""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar

import psutil

READ_BYTES = 65_536
BACKLOG = 4096
WAITING_PARTS = 512  # portions that a direction holds at most while they are delayed
ABORT = struct.pack("ii", 1, 0)  # SO_LINGER with no time: close() sends RST

UP, DOWN = "up", "down"  # from the client to the server, and back


@dataclass(frozen=True)
class Mode:
    """What a relay does to bytes.

    kind: pass, hold (nothing is lost, all is late), swallow, refuse, truncate (`after` bytes of answers, then RST),
    lose (the request with `pattern` is passed on, its answer is not).
    way: up, down or both. up_ms, down_ms: delays. every: each how-many-th match of `pattern`, `times` of them at most (0: all).
    then: what follows a lost answer: `cut` (RST to both sides) or `silence` (a black hole to both sides).
    pids: only connections that these processes opened."""

    kind: str = "pass"
    way: str = "both"
    up_ms: float = 0.0
    down_ms: float = 0.0
    after: int = 0
    pattern: str = ""
    every: int = 1
    times: int = 0
    then: str = "cut"
    pids: tuple[int, ...] = ()

    KINDS: ClassVar = frozenset({"pass", "hold", "swallow", "refuse", "truncate", "lose"})

    def __post_init__(self) -> None:
        if self.kind not in self.KINDS:
            raise ValueError(f"there is no mode {self.kind!r}")

    def concerns(self, way: str) -> bool:
        return self.way in {"both", way}

    def delay(self, way: str) -> float:
        return (self.up_ms if way == UP else self.down_ms) / 1000


@dataclass
class Counts:
    """What a relay did: a scenario reads from it that its fault happened."""

    accepted: int = 0
    cut: int = 0
    swallowed_bytes: int = 0
    truncated: int = 0
    matched: int = 0
    lost_answers: int = 0
    passed_bytes: int = 0


class Direction:
    """One direction of a connection: a delay line between two sockets."""

    def __init__(self, connection: "Connection", way: str, source: socket.socket, target: socket.socket) -> None:
        self.black_hole = False
        self._connection = connection
        self._relay = connection.relay
        self._way = way
        self._source = source
        self._target = target
        self._line: deque[tuple[float, bytes]] = deque()
        self._filled = asyncio.Event()
        self._emptied = asyncio.Event()

    async def read(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            data = await loop.sock_recv(self._source, READ_BYTES)
            passed = await self._connection.through(self, self._way, data)
            if passed is None:
                continue
            await self._put(passed)
            if not passed:
                return

    async def write(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            while not self._line:
                self._filled.clear()
                await self._filled.wait()
            due, data = self._line.popleft()
            self._emptied.set()
            if (early := due - loop.time()) > 0:
                await asyncio.sleep(early)
            if not data:
                self._target.shutdown(socket.SHUT_WR)
                return
            self._relay.counts.passed_bytes += len(data)
            await loop.sock_sendall(self._target, data)

    async def _put(self, data: bytes) -> None:
        while len(self._line) >= WAITING_PARTS:
            self._emptied.clear()
            await self._emptied.wait()
        self._line.append((asyncio.get_running_loop().time() + self._relay.mode.delay(self._way), data))
        self._filled.set()


class Connection:
    """One client's connection and the one to the server."""

    def __init__(self, relay: "Relay", client: socket.socket, server: socket.socket | None) -> None:
        self.relay = relay
        self.server = server
        self._client = client
        self._answered_bytes = 0
        self._tail = b""
        self._loses_next_answer = False
        self._task: asyncio.Task[None] | None = None
        self._up = Direction(self, UP, client, server or client)
        self._down = Direction(self, DOWN, server or client, client)

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    def swallow(self) -> None:
        """From now on nothing goes through, and neither side learns when the other closes."""
        self._up.black_hole = self._down.black_hole = True

    @property
    def is_black_hole(self) -> bool:
        return self._up.black_hole or self._down.black_hole

    def concerns(self, mode: Mode) -> bool:
        return not mode.pids or _opened_by(self._client, mode.pids)

    async def through(self, direction: Direction, way: str, data: bytes) -> bytes | None:
        """What of `data` goes on (b"": the end); None for nothing. Raises ConnectionAbortedError to cut the connection."""
        mode = await self._released(way)
        if direction.black_hole or (mode.kind == "swallow" and mode.concerns(way) and self.concerns(mode)):
            direction.black_hole = True
            self.relay.counts.swallowed_bytes += len(data)
            if not data:
                await asyncio.Event().wait()  # the other side never learns of the end
            return None
        if mode.kind == "truncate" and way == DOWN:
            return self._truncated(mode, data)
        return await self._with_lost_answers(mode, way, data)

    async def _released(self, way: str) -> Mode:
        while self.relay.mode.kind == "hold" and self.relay.mode.concerns(way) and self.concerns(self.relay.mode):
            await self.relay.changed()
        return self.relay.mode

    def _truncated(self, mode: Mode, data: bytes) -> bytes:
        left = mode.after - self._answered_bytes
        self._answered_bytes += len(data)
        if left > len(data):
            return data
        self.relay.counts.truncated += 1
        with suppress(OSError):
            self._client.send(data[: max(0, left)])
        raise ConnectionAbortedError

    async def _with_lost_answers(self, mode: Mode, way: str, data: bytes) -> bytes | None:
        if way == UP:
            if mode.kind == "lose" and self.concerns(mode):
                self._loses_next_answer |= self._matches(mode, data)
            return data
        if not self._loses_next_answer or not data:
            return data
        self._loses_next_answer = False
        self.relay.counts.lost_answers += 1
        if mode.then == "silence":
            self.swallow()
            return None
        raise ConnectionAbortedError

    def _matches(self, mode: Mode, data: bytes) -> bool:
        pattern = mode.pattern.encode()
        text, counts = self._tail + data, self.relay.counts
        self._tail = text[-len(pattern) + 1 :] if len(pattern) > 1 else b""
        if pattern not in text:
            return False
        counts.matched += 1
        if mode.times and counts.lost_answers >= mode.times:
            return False
        return counts.matched % mode.every == 0

    async def _run(self) -> None:
        ways = (self._up, self._down) if self.server else (self._up,)
        try:
            async with asyncio.TaskGroup() as group:
                for direction in ways:
                    group.create_task(direction.read())
                    group.create_task(direction.write())
        except* OSError:
            if self.is_black_hole:
                await asyncio.Event().wait()  # the other side shall not learn of it
            self._abort()
        finally:
            self.relay.connections.discard(self)
            self._close()

    def cut(self) -> None:
        """RST to both sides."""
        self.relay.counts.cut += 1
        self._abort()
        self.end()

    def end(self) -> None:
        """As when both sides' systems gave the connection up."""
        if self._task:
            self._task.cancel()

    def _abort(self) -> None:
        for one in (self._client, self.server):
            if one is not None:
                with suppress(OSError):
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)

    def _close(self) -> None:
        for one in (self._client, self.server):
            if one is not None:
                one.close()


@dataclass(eq=False)
class Relay:
    """Listens on a port of its own on loopback. target: `host:port`, or a UNIX socket's path; it may be changed for connections to come."""

    target: str
    mode: Mode = field(default_factory=Mode)
    counts: Counts = field(default_factory=Counts)
    connections: set[Connection] = field(default_factory=set)
    port: int = 0

    def __post_init__(self) -> None:
        self._listening: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._change = asyncio.Event()

    def open(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", self.port), backlog=BACKLOG)
        self._listening.setblocking(False)
        self.port = self._listening.getsockname()[1]
        self._accepting = asyncio.create_task(self._accept(self._listening))

    def set(self, mode: Mode) -> None:
        if mode.kind == "refuse":
            self._stop_listening()
        elif self._listening is None:
            self.open()
        self.mode = mode
        self._change.set()
        self._change = asyncio.Event()

    async def changed(self) -> None:
        await self._change.wait()

    def cut(self) -> int:
        """RST to all connections; returns how many there were."""
        cut = list(self.connections)
        for connection in cut:
            connection.cut()
        return len(cut)

    def half_open(self) -> int:
        """The connections that are open become black holes; new ones are as the mode says."""
        for connection in self.connections:
            connection.swallow()
        return len(self.connections)

    def give_up(self) -> int:
        """Both sides' systems give up the black holes."""
        holes = [connection for connection in self.connections if connection.is_black_hole]
        for connection in holes:
            connection.end()
        return len(holes)

    def close(self) -> None:
        self._stop_listening()
        for connection in list(self.connections):
            connection.end()

    def _stop_listening(self) -> None:
        if self._accepting:
            self._accepting.cancel()
        if self._listening:
            self._listening.close()
        self._accepting = self._listening = None

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            client, _ = await loop.sock_accept(listening)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.counts.accepted += 1
            asyncio.create_task(self._begin(client))  # noqa: RUF006 - it ends by itself, and the connection holds its own task

    async def _begin(self, client: socket.socket) -> None:
        swallows = self.mode.kind == "swallow" and self.mode.concerns(UP) and (not self.mode.pids or _opened_by(client, self.mode.pids))
        try:
            server = None if swallows else await _connected(self.target)
        except OSError:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
            client.close()
            return
        connection = Connection(self, client, server)
        self.connections.add(connection)
        if swallows:
            connection.swallow()
        connection.start()


async def _connected(target: str) -> socket.socket:
    host, _, port = target.rpartition(":")
    is_path = target.startswith("/")
    server = socket.socket(socket.AF_UNIX if is_path else socket.AF_INET)
    server.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(server, target if is_path else (host, int(port)))
    except OSError:
        server.close()
        raise
    return server


def _opened_by(client: socket.socket, pids: Iterable[int]) -> bool:
    """Whether one of these processes holds the other end."""
    try:
        port = client.getpeername()[1]
    except OSError:
        return False
    return any(port == local for pid in pids for local in _ports(pid))


def _ports(pid: int) -> list[int]:
    try:
        return [each.laddr.port for each in psutil.Process(pid).net_connections("tcp4") if each.laddr]
    except psutil.Error:
        return []


def as_mode(values: dict[str, Any]) -> Mode:
    return Mode(**{**values, "pids": tuple(values.get("pids", ()))})
