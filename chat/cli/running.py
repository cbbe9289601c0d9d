"""What a running bin/serve tells the commands of the same data folder: where its database is, and the secret key.

The file is for its owner's eyes only, and goes when the service ends."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from chat.cli.preflight import ROOT

NAMES = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")


@contextmanager
def told(data: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """Raises OSError where it cannot be written."""
    file = data / "environment"
    file.unlink(missing_ok=True)  # of one that was killed
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.writelines(f"{name}={environment[name]}\n" for name in NAMES if environment.get(name))
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables, and in the place of those that are not set what a running bin/serve uses."""
    file = Path(environ.get("CHAT_DATA") or ROOT / "var") / "environment"
    lines = file.read_text().splitlines() if file.exists() else []
    said = dict(line.split("=", 1) for line in lines)
    return {**said, **{name: value for name, value in environ.items() if value}}
