"""The fingerprint of a schema: the name of each table and function with a hash of what the catalog says of it.

The file `NNNN.fingerprint` holds that of version NNNN. What others keep beside our tables is not looked at."""

from collections import defaultdict
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, text

CATALOG = text((Path(__file__).parent / "catalog.sql").read_text())

Fingerprint = Mapping[str, str]


def taken(connection: Connection) -> Fingerprint:
    """That of the database."""
    parts: dict[str, list[str]] = defaultdict(list)
    for name, part in connection.execute(CATALOG):
        parts[name].append(part)
    return {name: sha256("\n".join(sorted(parts[name])).encode()).hexdigest()[:16] for name in sorted(parts)}


def recorded(folder: Path, version: int) -> Fingerprint:
    lines = _file(folder, version).read_text().splitlines()
    return {name: digest for name, _, digest in (line.rpartition(" ") for line in lines)}


def record(folder: Path, version: int, fingerprint: Fingerprint) -> None:
    _file(folder, version).write_text("".join(f"{name} {digest}\n" for name, digest in fingerprint.items()))


def differences(connection: Connection, folder: Path, version: int) -> list[str]:
    """The tables and functions of the version that the database lacks or has otherwise."""
    found = taken(connection)
    return [name for name, digest in recorded(folder, version).items() if found.get(name) != digest]


def _file(folder: Path, version: int) -> Path:
    return folder / f"{version:04}.fingerprint"
