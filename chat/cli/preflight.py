"""The checks before anything starts: valid settings, a data folder of our own with enough space, free addresses, a secret key."""

import errno
import fcntl
import os
import secrets
import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from chat.addresses import EVERYWHERE, Address
from chat.config import Settings
from chat.embedded import CannotStart

ROOT = Path(__file__).resolve().parents[2]
ROOM_BYTES = 96 * 1024 * 1024  # a new database takes 60 MB; with less free space than this it would soon stop
ANSWER_SECONDS = 5.0
OWN = {"DATABASE_URL": "postgresql://", "REDIS_URL": "unix:///valkey", "SECRET_KEY": "its own"}  # what bin/serve itself provides


@dataclass(frozen=True)
class Preflight:
    data: Path
    settings: Settings
    environment: Mapping[str, str]
    lock: IO[str]  # held while the file is open


def run_preflight(environ: Mapping[str, str]) -> Preflight:
    """Raises WrongSetting, CannotStart or OSError."""
    chosen = {name: value for name, value in environ.items() if value.strip() or name not in OWN}
    settings = Settings.from_environ({**OWN, **chosen})
    data = Path(environ.get("CHAT_DATA") or ROOT / "var").absolute()
    data.mkdir(parents=True, exist_ok=True)
    lock = _lock(data)
    _check_free_space(data)
    for address in settings.public():
        _check_address(address, "BIND" if settings.bind else "PORT", "")
    for address in settings.admin():
        _check_address(address, "ADMIN_BIND", ", for the admin interface,")
    return Preflight(data, settings, {**chosen, "SECRET_KEY": chosen.get("SECRET_KEY") or _secret_key(data)}, lock)


def _lock(data: Path) -> IO[str]:
    lock = (data / "lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CannotStart(f"another bin/serve is using {data}: stop it first, or choose another folder with CHAT_DATA") from None
    return lock


def _check_free_space(data: Path) -> None:
    free = shutil.disk_usage(data).free
    if free < ROOM_BYTES:
        raise CannotStart(f"the disk is full: {free >> 20} MB are free in {data}, {ROOM_BYTES >> 20} MB are needed")


def _check_address(address: Address, setting: str, use: str) -> None:
    label = f"port {address.port}" if address.host in EVERYWHERE and setting == "PORT" else f"{address}{use}"
    try:
        in_use = _answers(address) if address.path else _is_taken(address)
    except OSError as failure:
        raise CannotStart(f"{label} cannot be used: {failure.strerror or failure}") from None
    if in_use:
        raise CannotStart(f"{label} is in use: stop the program that uses it, or choose another with {setting}")


def _is_taken(address: Address) -> bool:
    with address.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address.name)
        except OSError as failure:
            if failure.errno != errno.EADDRINUSE:
                raise
            return True
    return False


def _answers(address: Address) -> bool:
    """gunicorn removes a socket that a dead server left, and would also remove one that is alive."""
    path = Path(address.path)
    if not path.exists():
        path.touch()  # raises what a socket there would
        path.unlink()
        return False
    if not path.is_socket():
        raise FileExistsError(errno.EEXIST, "there is a file that is no socket")
    try:
        address.dial(ANSWER_SECONDS).close()
    except ConnectionRefusedError:
        return False
    return True


def _secret_key(data: Path) -> str:
    """Returns the same key at every start: sessions signed with another key would end."""
    file = data / "secret_key"
    if not file.exists():
        unfinished = data / "secret_key.unfinished"
        unfinished.touch(mode=0o600)
        unfinished.write_text(secrets.token_urlsafe(32))
        os.replace(unfinished, file)
    return file.read_text()
