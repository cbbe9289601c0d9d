"""The checks before anything starts: a data folder of our own with enough space, free ports, valid numbers, a secret key."""

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
ROOM_BYTES = 96 * 1024 * 1024  # a new database takes 60 MB; with less free space than this it would soon stop


@dataclass(frozen=True)
class Preflight:
    data: Path
    port: int
    environment: Mapping[str, str]
    lock: IO[str]  # held while the file is open


def run_preflight(environ: Mapping[str, str]) -> Preflight:
    """Raises CannotStart or OSError."""
    port = _number(environ, "PORT", 8000, highest=65535)
    workers = _number(environ, "WEB_CONCURRENCY", 2, highest=1000)
    data = Path(environ.get("CHAT_DATA") or ROOT / "var").absolute()
    data.mkdir(parents=True, exist_ok=True)
    lock = _lock(data)
    _check_free_space(data)
    _check_port("0.0.0.0", port, f"port {port}", "PORT")
    _check_admin_port(environ, port)
    settings = {"PORT": str(port), "WEB_CONCURRENCY": str(workers), "SECRET_KEY": environ.get("SECRET_KEY") or _secret_key(data)}
    return Preflight(data, port, {**environ, **settings}, lock)


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


def _check_free_space(data: Path) -> None:
    free = shutil.disk_usage(data).free
    if free < ROOM_BYTES:
        raise CannotStart(f"the disk is full: {free >> 20} MB are free in {data}, {ROOM_BYTES >> 20} MB are needed")


def _check_admin_port(environ: Mapping[str, str], public_port: int) -> None:
    try:
        bind = admin_bind(environ)
    except WrongSetting as wrong:
        raise CannotStart(str(wrong)) from None
    host, _, port = bind.rpartition(":")
    if not port.isdigit():  # no listener, or a socket file: gunicorn removes one that a dead server left
        return
    if int(port) == public_port:
        raise CannotStart(f"port {port} cannot be both PORT and in ADMIN_BIND, the admin interface's own address")
    _check_port(host.strip("[]"), int(port), f"{bind}, for the admin interface,", "ADMIN_BIND")


def _check_port(host: str, port: int, label: str, setting: str) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as failure:
            if isinstance(failure, OSError) and failure.errno == errno.EADDRINUSE:
                raise CannotStart(f"{label} is in use: stop the program that uses it, or choose another with {setting}") from None
            raise CannotStart(f"{label} cannot be used: {getattr(failure, 'strerror', failure)}") from None


def _secret_key(data: Path) -> str:
    """Returns the same key at every start: sessions signed with another key would end."""
    file = data / "secret_key"
    if not file.exists():
        unfinished = data / "secret_key.unfinished"
        unfinished.touch(mode=0o600)
        unfinished.write_text(secrets.token_urlsafe(32))
        os.replace(unfinished, file)
    return file.read_text()
