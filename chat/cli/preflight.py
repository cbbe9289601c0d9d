"""What must be ours before anything is started: a data folder with room in it, a free port, a secret key."""

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

from chat.config import WrongSetting, admin_bind
from chat.embedded import CannotStart

ROOT = Path(__file__).resolve().parents[2]
ROOM_BYTES = 96 * 1024 * 1024  # a new database takes 60 MB; one with less room than that would soon stop


@dataclass(frozen=True)
class Ground:
    data: Path
    port: int
    environment: Mapping[str, str]
    lock: IO[str]  # Held as long as it is open.


def claim_ground(environ: Mapping[str, str]) -> Ground:
    """Raises CannotStart or OSError."""
    port = _number(environ, "PORT", 8000, highest=65535)
    workers = _number(environ, "WEB_CONCURRENCY", 2, highest=1000)
    data = Path(environ.get("CHAT_DATA") or ROOT / "var").absolute()
    data.mkdir(parents=True, exist_ok=True)
    lock = _lock(data)
    _refuse_without_room(data)
    _refuse_taken_port(port)
    _refuse_taken_admin_port(environ, port)
    settings = {"PORT": str(port), "WEB_CONCURRENCY": str(workers), "SECRET_KEY": environ.get("SECRET_KEY") or _secret_key(data)}
    return Ground(data, port, {**environ, **settings}, lock)


def _number(environ: Mapping[str, str], name: str, default: int, highest: int) -> int:
    text = environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= highest):
        raise CannotStart(f"{name} is a whole number from 1 to {highest}, not {text!r}")
    return int(text)


def _lock(data: Path) -> IO[str]:
    lock = (data / "lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CannotStart(f"another bin/serve is using {data}: stop it first, or choose another folder with CHAT_DATA") from None
    return lock


def _refuse_without_room(data: Path) -> None:
    free = shutil.disk_usage(data).free
    if free < ROOM_BYTES:
        raise CannotStart(f"the disk is full: {free >> 20} MB are free in {data}, {ROOM_BYTES >> 20} MB are needed")


def _refuse_taken_port(port: int) -> None:
    _refuse_taken("0.0.0.0", port, f"port {port}", "PORT")


def _refuse_taken_admin_port(environ: Mapping[str, str], public_port: int) -> None:
    try:
        bind = admin_bind(environ)
    except WrongSetting as wrong:
        raise CannotStart(str(wrong)) from None
    host, _, port = bind.rpartition(":")
    if not port.isdigit():  # none, or a path, from which gunicorn takes away what a dead server left
        return
    if int(port) == public_port:
        raise CannotStart(f"port {port} cannot be both PORT and in ADMIN_BIND, the admin interface's own address")
    _refuse_taken(host.strip("[]"), int(port), f"{bind}, for the admin interface,", "ADMIN_BIND")


def _refuse_taken(host: str, port: int, called: str, setting: str) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as failure:
            if isinstance(failure, OSError) and failure.errno == errno.EADDRINUSE:
                raise CannotStart(f"{called} is in use: stop what uses it, or choose another with {setting}") from None
            raise CannotStart(f"{called} cannot be used: {getattr(failure, 'strerror', failure)}") from None


def _secret_key(data: Path) -> str:
    """The same at every start, or every session would end with each."""
    kept = data / "secret_key"
    if not kept.exists():
        unfinished = data / "secret_key.unfinished"
        unfinished.touch(mode=0o600)
        unfinished.write_text(secrets.token_urlsafe(32))
        os.replace(unfinished, kept)
    return kept.read_text()
