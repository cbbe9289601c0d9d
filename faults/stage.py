"""The servers of one run: PostgreSQL, Valkey and the service, each behind a relay, and the load on them."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

from faults.evidence import Evidence, Row
from faults.load import Load, Size
from faults.pgbouncer import PgBouncer
from faults.postgres import DATABASE, USER, FaultyPostgres
from faults.proxy import Proxy, RelayHandle
from faults.service import Service, environment, flask
from faults.valkey import FaultyValkey

MEMORY = Path("/dev/shm")
MEMORY_BYTES = 2 * 1024**3
RECORD = "SELECT id, room_id, text FROM events WHERE kind = 'message' ORDER BY id"
NEWEST = "SELECT room_id, max(id) FROM events WHERE kind = 'message' GROUP BY room_id"


@dataclass(frozen=True)
class Setup:
    """What a scenario needs. relayed_clients: the clients' connections go through a relay, too.

    patience: seconds after the fault within which all must be well, or it is said to be never."""

    size: Size = field(default_factory=Size)
    postgres: Mapping[str, str] = field(default_factory=dict)
    valkey: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[int, int] = field(default_factory=dict)
    standby: bool = False
    synchronous: bool = False
    replica: bool = False
    pgbouncer: bool = False
    relayed_clients: bool = False
    small_disk_mb: int = 0  # of the database, on a file system of its own
    small_files_mb: int = 0  # of the store of files
    false_clock: bool = False  # the service's clock can be set
    wsgi: str = "wsgi:app"
    patience: float = 30.0


class Stage:
    """One scenario's servers and clients."""

    def __init__(self, folder: Path, proxy: Proxy, template: Path, setup: Setup) -> None:
        self.folder = folder
        self.setup = setup
        self.notes: list[str] = []
        self.began = self.over = 0.0
        self.seconds = 0.0
        self._proxy = proxy
        self._template = template
        self._stack = ExitStack()

    # Starting and stopping

    def open(self, seconds: float) -> None:
        """seconds: how long a fault lasts, of those that last."""
        self.seconds = seconds
        self._start_postgres()
        self._start_valkey()
        self._start_service()
        self.load = Load(self.client_url, self.setup.size)
        self._stack.callback(self.load.stop)
        self.load.start()

    def close(self) -> None:
        self._stack.close()

    def _start_postgres(self) -> None:
        home = self.folder / "postgres"
        if self.setup.small_disk_mb:
            self._stack.enter_context(small_disk(home, self.setup.small_disk_mb))
        copy(self._template, home)
        self.postgres = self._started(FaultyPostgres(home, self.setup.postgres))
        self.to_postgres = self.relay(self.postgres.target)
        if self.setup.standby:
            self._start_standby()
        if self.setup.pgbouncer:
            self.pgbouncer = PgBouncer(self.folder / "pgbouncer", self.postgres)
            self.pgbouncer.start()
            self._stack.callback(self.pgbouncer.stop)
            self.to_postgres.retarget(self.pgbouncer.target)

    def _start_standby(self) -> None:
        self.postgres.copy_to(self.folder / "standby")
        self.standby = self._started(FaultyPostgres(self.folder / "standby", self.setup.postgres))
        self.postgres.wait_for_standby()
        if self.setup.synchronous:
            self.postgres.configure(synchronous_standby_names="*")
            self.postgres.wait_for_standby("sync")

    def another_postgres(self, name: str, data: Path | None = None) -> FaultyPostgres:
        """One more, empty, or with a copy of these data."""
        if data is not None:
            copy(data, self.folder / name)
        return self._started(FaultyPostgres(self.folder / name, self.setup.postgres))

    def _started(self, postgres: FaultyPostgres) -> FaultyPostgres:
        postgres.start()
        self._stack.callback(postgres.stop)
        return postgres

    def _start_valkey(self) -> None:
        self.valkey = self.another_valkey("valkey")
        self.to_valkey = self.relay(self.valkey.target)
        if self.setup.replica:
            self.replica = self.another_valkey("replica")
            self.replica.follow(self.valkey)

    def another_valkey(self, name: str) -> FaultyValkey:
        valkey = FaultyValkey(self.folder / name, self.setup.valkey)
        valkey.start()
        self._stack.callback(valkey.stop)
        return valkey

    def _start_service(self) -> None:
        database_url = f"postgresql://{USER}@{self.to_postgres.address}/{DATABASE}?sslmode=disable&gssencmode=disable"
        settings = {"TMPDIR": str(self.folder), **self.setup.settings, **(self._false_clock() if self.setup.false_clock else {})}
        self.service = Service(
            self.folder, database_url, f"redis://{self.to_valkey.address}/0", settings, self.setup.wsgi, self.setup.limits
        )
        self._stack.callback(self.service.kill_all)
        if self.setup.small_files_mb:
            self._stack.enter_context(small_disk(self.service.files, self.setup.small_files_mb))
        self.service.start()
        self.to_service = self.relay(self.service.address)

    def relay(self, target: str) -> RelayHandle:
        """A relay of this run."""
        opened = self._proxy.relay(target)
        self._stack.callback(opened.close)
        return opened

    def _false_clock(self) -> dict[str, str]:
        """By Debian's libfaketime. Clocks that only run on stay true: timers go by them."""
        library = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)
        if library is None:
            raise Skipped("there is no libfaketime here")
        self.set_clock(0)
        file = {"FAKETIME_TIMESTAMP_FILE": str(self._clock), "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        return {"LD_PRELOAD": str(library), **file}

    def set_clock(self, seconds: int) -> None:
        """So much ahead of the true time."""
        new = self._clock.with_suffix(".new")
        new.write_text(f"{seconds:+d}\n")
        new.replace(self._clock)

    @property
    def _clock(self) -> Path:
        return self.folder / "clock"

    @property
    def client_url(self) -> str:
        return f"http://{self.to_service.address}" if self.setup.relayed_clients else self.service.url

    # A fault

    @contextmanager
    def fault(self) -> Iterator[None]:
        """Around what happens; the end of the block is the moment from which the service has all that it needs."""
        self.began = monotonic()
        yield
        self.over = monotonic()

    def dwell(self, factor: float = 1.0) -> None:
        """The time during which a fault goes on."""
        sleep(self.seconds * factor)

    def repeatedly(self, every: float, act: Callable[[], int]) -> list[int]:
        """For the time of the fault; returns the results."""
        results, end = [], monotonic() + self.seconds
        while monotonic() < end:
            results.append(act())
            sleep(every)
        return results

    def kill_workers(self, most: int = 99) -> None:
        for worker in self.service.workers()[:most]:
            os.kill(worker, signal.SIGKILL)

    def note(self, line: str) -> None:
        self.notes.append(line)

    def require(self, happened: object, what: str) -> None:
        """A fault that did not happen would show a service without one."""
        if not happened:
            raise NotHappened(what)

    # Afterwards

    def evidence(self) -> Evidence:
        self.load.wait_until_well(self.setup.patience)
        self.load.add_latecomers()
        posts = self.load.stop_posting()
        newest = dict(self.postgres.execute(NEWEST))
        self.load.wait_for_arrival(newest)
        record = [Row(number, room, text.rstrip()) for number, room, text in self.postgres.execute(RECORD)]
        followers = self.load.stop()
        return Evidence(self.began, self.over, monotonic(), posts, followers, list(self.load.probes), record, self.notes)


class NotHappened(Exception):
    """The fault that a scenario is about did not happen."""


class Skipped(Exception):
    """The machine cannot do what a scenario needs: what is missing."""


@contextmanager
def staged(proxy: Proxy, template: Path, setup: Setup, seconds: float) -> Iterator[Stage]:
    with run_folder() as folder:
        stage = Stage(folder, proxy, template, setup)
        try:
            stage.open(seconds)
            yield stage
        finally:
            stage.close()


@contextmanager
def run_folder() -> Iterator[Path]:
    """In memory, if there is enough; others may pass through it, for PostgreSQL runs as somebody else."""
    folder = Path(tempfile.mkdtemp(prefix="faults-", dir=MEMORY if _has_memory() else None))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _has_memory() -> bool:
    return MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_BYTES


@contextmanager
def template() -> Iterator[Path]:
    """The folder of a PostgreSQL that has the schema and nothing in it: each run begins with a copy."""
    with run_folder() as folder:
        postgres = FaultyPostgres(folder / "postgres")
        postgres.start()
        try:
            flask(environment({"DATABASE_URL": postgres.url, "REDIS_URL": "redis://127.0.0.1:1/0"}), "init-db")
        finally:
            postgres.stop()
        yield postgres.folder


def copy(folder: Path, to: Path) -> None:
    """With owners and modes. `to` may exist."""
    to.mkdir(mode=0o700, exist_ok=True)
    subprocess.run(["cp", "-a", f"{folder}/.", str(to)], check=True)


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """A file system of its own in memory. Raises Skipped."""
    folder.mkdir(exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "faults", str(folder)], capture_output=True, check=False)
    if mounted.returncode:
        raise Skipped(f"no file system of its own can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def wait_out(seconds: float, check: Callable[[], object]) -> None:
    """Looks again and again until it is true or the seconds are over."""
    end = monotonic() + seconds
    while monotonic() < end and not check():
        sleep(0.1)
