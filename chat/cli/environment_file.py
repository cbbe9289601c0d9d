"""The file in which a running bin/serve leaves its database's address and secret key for commands on the same data folder.

Only its owner can read it. It is removed when the service ends."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from chat.cli.preflight import ROOT

NAMES = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")


@contextmanager
def environment_file(data: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """Raises OSError if the file cannot be written."""
    path = data / "environment"
    path.unlink(missing_ok=True)  # a killed bin/serve left it
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"{name}={environment[name]}\n" for name in NAMES if environment.get(name))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def read_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Returns the environment's variables, and for those that are not set the ones of a running bin/serve."""
    path = Path(environ.get("CHAT_DATA") or ROOT / "var") / "environment"
    lines = path.read_text().splitlines() if path.exists() else []
    served = dict(line.split("=", 1) for line in lines)
    return {**served, **{name: value for name, value in environ.items() if value}}
