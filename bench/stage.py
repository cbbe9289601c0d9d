"""The stage of a measurement: the server, the load generator, new users for each measurement, and the use of the processors."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.load_generator import Answer, Load, running_load
from bench.people import create_rooms, sign_up, write_lines, write_people
from bench.processes import descendants, machine_seconds, memory_kilobytes, open_descriptors, processor_seconds
from bench.service import Service

SETTLE_SECONDS = 20.0
IDLE_DESCRIPTORS = 200  # a worker's own, with some slack: above it, earlier streams are still open
STEADY_KILOBYTES = 128
DISTURBED_CORES = 0.1


class Invalid(Exception):
    """The measurement would be misleading. The message says why."""


@dataclass(frozen=True)
class Stage:
    """`users` bounds the different users of one measurement: with fewer than streams, several streams share a session."""

    service: Service
    program: Path
    folder: Path
    users: int
    inflight: int = 384

    @contextmanager
    def load(self, streams: int, rooms: int = 1) -> Iterator[Load]:
        """A load generator with new users and new rooms, which no cache holds yet."""
        self.settle()
        tokens = self.people(min(streams, self.users))
        room_ids = create_rooms(self.service.url, tokens[0], rooms)
        with running_load(self.program) as load:
            load.ask("server", *self.service.address())
            load.ask("people", write_lines(self.folder / "people", tokens))
            load.ask("rooms", write_lines(self.folder / "rooms", [str(room) for room in room_ids]))
            yield load

    def people(self, count: int) -> list[str]:
        if self.service.database_url:
            return write_people(self.service.database_url, self.service.secret_key, count)
        return sign_up(self.service.url, count)

    def open(self, load: Load, streams: int) -> Answer:
        return required(load.ask("open", streams, self.inflight))

    def settle(self) -> None:
        """Waits until the workers have closed the streams of the measurement before. Raises Invalid after SETTLE_SECONDS."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while any(open_descriptors(pid) > IDLE_DESCRIPTORS for pid in self.service.workers()):
            if time.monotonic() > deadline:
                raise Invalid(f"streams are still there {SETTLE_SECONDS:.0f} s after their clients have gone")
            time.sleep(0.05)

    def steady_memory(self) -> int:
        """Memory of all workers in kilobytes, once it no longer changes."""
        deadline, last = time.monotonic() + SETTLE_SECONDS, 0
        while (current := memory_kilobytes(self.service.workers())) and time.monotonic() < deadline:
            if abs(current - last) < STEADY_KILOBYTES:
                return current
            last = current
            time.sleep(1)
        return current

    def usage(self) -> "Usage":
        return Usage(self.service, time.monotonic(), _spent(self.service))

    def split(self) -> str:
        """The open descriptors of each worker, which show how the streams are spread."""
        return "/".join(str(open_descriptors(pid)) for pid in self.service.workers())

    def frame_bytes(self) -> int:
        """The size of one message frame on a real stream."""
        token = self.people(1)[0]
        room = create_rooms(self.service.url, token, 1)[0]
        path, headers = f"{self.service.url}/api/v1/room/{room}", {"Authorization": f"Bearer {token}"}
        httpx.post(f"{path}/messages", headers=headers, json={"text": "x" * 64}).raise_for_status()
        with httpx.stream("GET", f"{path}/subscribe?after=0", headers=headers | {"Accept": "text/event-stream"}) as stream:
            return len(_first_message(stream.iter_lines()))


def _first_message(lines: Iterator[str]) -> str:
    frame = ""
    for line in lines:
        frame += f"{line}\n"
        if line == "" and "event: message" in frame:
            return frame
        frame = "" if line == "" else frame
    raise Invalid("the stream ended before its first message")


def required(answer: Answer) -> Answer:
    """Raises Invalid unless every stream opened and got exactly its messages."""
    if not answer["exact"]:
        raise Invalid(f"not exact: {answer}")
    return answer


@dataclass(frozen=True)
class Spent:
    """Processor seconds so far: the service's parts, all of this bench with them, and the whole machine."""

    workers: float
    databases: float
    bench: float
    machine: float


def _spent(service: Service) -> Spent:
    workers, databases = processor_seconds(service.workers()), processor_seconds(service.database_processes())
    bench = processor_seconds([os.getpid(), *descendants(os.getpid())])
    return Spent(workers, databases, bench, machine_seconds())


@dataclass(frozen=True)
class Usage:
    """Use of the processors since `begun`, in cores."""

    service: Service
    begun: float
    spent: Spent

    def __str__(self) -> str:
        """Empty if the processes belong to somebody else. Other programs at work make the figures worthless, so it says so in capitals."""
        if not self.service.master:
            return ""
        now, seconds = _spent(self.service), time.monotonic() - self.begun
        workers, databases = (now.workers - self.spent.workers) / seconds, (now.databases - self.spent.databases) / seconds
        strangers = (now.machine - self.spent.machine - now.bench + self.spent.bench) / seconds
        shares = f"cores: workers {workers:.2f}, databases {databases:.2f}"
        return f"{shares}, OTHER PROGRAMS {strangers:.2f}" if strangers > DISTURBED_CORES else shares
