"""PostgreSQL's data folder: initialized completely or not at all, refused if another version made it, freed of a dead server's locks."""

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

from chat.embedded.child_process import ENVIRONMENT, run
from chat.embedded.errors import CannotStart
from chat.embedded.unix_user import UnixUser

NAME = "chat"  # of the database, and of its owner


def data_argument(data: Path, user: UnixUser | None) -> str:
    """The `-D` argument for a process whose working folder is `data`.

    Through /proc/self/cwd an unprivileged user reaches it even if a parent folder, such as /root, is closed."""
    return "/proc/self/cwd" if user else str(data)


def initialize_data(programs: Path, folder: Path, user: UnixUser | None, durable: bool) -> None:
    """Builds the folder beside its place and renames it when it is complete: an interrupted start leaves nothing half made."""
    unfinished = folder / "data.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    if user:
        user.own(unfinished)
    command = [str(programs / "initdb"), "-D", data_argument(unfinished, user)]
    # Every commit waits while a new segment of the write-ahead log is filled with zeros: the default 16 MB took up to 90 ms.
    command += ["--wal-segsize=1", "-U", NAME, "-A", "trust", "-E", "UTF8", "--lc-collate=C", "--lc-ctype=C.UTF-8"]
    command += [] if durable else ["--no-sync"]
    code, lines = run(command, parent_death_signal=signal.SIGKILL, user=user, folder=unfinished, environment=ENVIRONMENT)
    if code != 0:
        errors = [line for line in lines if "error" in line or "FATAL" in line]
        raise CannotStart(f"PostgreSQL could not make {folder}: {(errors or lines or ['no reason given'])[0]}")
    unfinished.rename(folder / "data")


def check_version(programs: Path, data: Path) -> None:
    data_version = (data / "PG_VERSION").read_text().strip()
    output = subprocess.run([programs / "postgres", "--version"], capture_output=True, check=True).stdout
    program_version = re.search(rb"(\d+)", output)
    if not program_version or data_version != program_version[1].decode():
        raise CannotStart(
            f"{data} was made by PostgreSQL {data_version}, and this is {output.decode().strip()}:"
            " dump it with the old one and restore it here, or choose another CHAT_DATA"
        )


def release_stale_locks(data: Path, sockets: Path) -> None:
    """After a power cut the process id in a lock may belong to any process, and PostgreSQL would refuse to start.

    PostgreSQL accepts its parent's id there, and checks its shared memory instead, which shows whether the data are in use."""
    holder, rest = read_lock(data)
    if _is_postgres(holder):
        return
    (sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
    if holder:
        (data / "postmaster.pid").write_text(f"{os.getpid()}\n{rest}")


def read_lock(data: Path) -> tuple[str, str]:
    """Returns the process id in postmaster.pid and the text after it."""
    try:
        pid, _, rest = (data / "postmaster.pid").read_text().partition("\n")
    except FileNotFoundError:
        return "", ""
    return pid, rest


def _is_postgres(pid: str) -> bool:
    try:
        return Path("/proc", pid or "none", "comm").read_text().startswith("postgres")
    except OSError:  # There is no such process.
        return False
