"""PostgreSQL's data folder: made whole or not at all, refused when another version made it, freed of a dead server's locks."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from chat.embedded.account import Account
from chat.embedded.child import ENVIRONMENT, spawn
from chat.embedded.failure import CannotStart

NAME = "chat"  # of the database, and of the user who owns it


def as_seen_from_inside(data: Path, account: Account | None) -> str:
    """What to call it in a process that works in it: so an unprivileged user gets there although a folder above, say /root, is closed."""
    return "/proc/self/cwd" if account else str(data)


def make_data(programs: Path, folder: Path, account: Account | None, durable: bool) -> None:
    """Beside its place, and moved there when it is whole: a start that is cut short leaves nothing half made."""
    unfinished = folder / "data.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    if account:
        account.own(unfinished)
    command = [str(programs / "initdb"), "-D", as_seen_from_inside(unfinished, account)]
    # A new segment of the write-ahead log is filled with zeros while every commit waits: the usual 16 MB took up to 90 ms.
    command += ["--wal-segsize=1", "-U", NAME, "-A", "trust", "-E", "UTF8", "--lc-collate=C", "--lc-ctype=C.UTF-8"]
    command += [] if durable else ["--no-sync"]
    _initdb(command, unfinished, account)
    unfinished.rename(folder / "data")


def refuse_another_version(programs: Path, data: Path) -> None:
    theirs = (data / "PG_VERSION").read_text().strip()
    said = subprocess.run([programs / "postgres", "--version"], capture_output=True, check=True).stdout
    ours = re.search(rb"(\d+)", said)
    if not ours or theirs != ours[1].decode():
        raise CannotStart(
            f"{data} was made by PostgreSQL {theirs}, and this is {said.decode().strip()}:"
            " dump it with the old one and restore it here, or choose another CHAT_DATA"
        )


def disown_stale_locks(data: Path, sockets: Path) -> None:
    """After a power cut the process id in a lock may be anybody's, and PostgreSQL would refuse to start. It does not mind
    its parent's there, and goes by its shared memory instead, which tells whether the data are truly in use."""
    holder, rest = lock_file(data)
    if _is_postgres(holder):
        return
    (sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
    if holder:
        (data / "postmaster.pid").write_text(f"{os.getpid()}\n{rest}")


def lock_file(data: Path) -> tuple[str, str]:
    """The process id in it, and what follows."""
    try:
        pid, _, rest = (data / "postmaster.pid").read_text().partition("\n")
    except FileNotFoundError:
        return "", ""
    return pid, rest


def _initdb(command: list[str], folder: Path, account: Account | None) -> None:
    with tempfile.TemporaryFile() as said:
        made = spawn(command, on_parents_death=signal.SIGKILL, account=account, folder=folder, environment=ENVIRONMENT, output=said)
        failed = made.wait() != 0
        said.seek(0)
        lines = said.read().decode(errors="replace").splitlines()
    if failed:
        errors = [line for line in lines if "error" in line or "FATAL" in line]
        raise CannotStart(f"PostgreSQL could not make {folder.parent}: {(errors or lines or ['no reason given'])[0]}")


def _is_postgres(pid: str) -> bool:
    try:
        return Path("/proc", pid or "none", "comm").read_text().startswith("postgres")
    except OSError:  # Nobody is.
        return False
