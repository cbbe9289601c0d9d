"""The folders of a server: its own, and a short one for its socket if its own path is too long or not reachable."""

import hashlib
import os
import stat
from pathlib import Path

from chat.embedded.errors import CannotStart
from chat.embedded.unix_user import UnixUser

SOCKET_PATH_BYTES = 107  # what the kernel's sockaddr_un holds, without the closing NUL
LONGEST_SOCKET_NAME = ".s.PGSQL.5432"


def make_private_folder(folder: Path, user: UnixUser | None) -> None:
    """Mode 0700 is the only protection: the servers ask for no password."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if user:
        user.own(folder)


def find_socket_folder(folder: Path, user: UnixUser | None) -> Path:
    """Returns `folder` itself, or a short folder that is the same at every start, so that an address outlives a restart."""
    if _short_enough(folder) and (user is None or user.reaches(folder)):
        return folder
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    short = _runtime_folder() / f"chat-{os.geteuid()}-{name}"
    make_private_folder_in_shared(short, user)
    return short


def make_private_folder_in_shared(folder: Path, user: UnixUser | None) -> None:
    """As `make_private_folder`, for /tmp: another user may have made the folder first. Raises CannotStart."""
    owner = user.uid if user else os.geteuid()
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != owner or status.st_mode & 0o077:
            raise CannotStart(
                f"{folder} belongs to another user or is open to others, and the server's socket goes there: remove it"
            ) from None
        return
    if user:
        user.own(folder)


def _short_enough(folder: Path) -> bool:
    return len(os.fsencode(folder / LONGEST_SOCKET_NAME)) <= SOCKET_PATH_BYTES


def _runtime_folder() -> Path:
    """/run for root, because only root writes to it; for others the login session's folder, if there is one."""
    preferred = "/run" if os.geteuid() == 0 else os.environ.get("XDG_RUNTIME_DIR", "/tmp")
    usable = os.path.isdir(preferred) and os.access(preferred, os.W_OK) and len(preferred) < SOCKET_PATH_BYTES // 2
    return Path(preferred if usable else "/tmp")
