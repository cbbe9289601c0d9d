"""The folders a server lives in: its own, and a short one for its socket where its own will not do."""

import hashlib
import os
import stat
from pathlib import Path

from chat.embedded.account import Account
from chat.embedded.failure import CannotStart

SOCKET_PATH_BYTES = 107  # what the kernel's sockaddr_un holds, without the closing NUL
LONGEST_SOCKET_NAME = ".s.PGSQL.5432"


def private_folder(folder: Path, account: Account | None) -> None:
    """Only its owner may look in: the servers ask for no password, the folder's mode is what keeps strangers out."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if account:
        account.own(folder)


def socket_folder(folder: Path, account: Account | None) -> Path:
    """`folder` itself, or the same short one at every start, so that an address outlives a restart."""
    if _short_enough(folder) and (account is None or account.reaches(folder)):
        return folder
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    short = _runtime_folder() / f"chat-{os.geteuid()}-{name}"
    private_folder_among_strangers(short, account)
    return short


def private_folder_among_strangers(folder: Path, account: Account | None) -> None:
    """As `private_folder`, but somebody else may have made it first, in /tmp."""
    owner = account.uid if account else os.geteuid()
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
            raise CannotStart(f"{folder} is not ours, and a socket should go there: remove it") from None
        return
    if account:
        account.own(folder)


def _short_enough(folder: Path) -> bool:
    return len(os.fsencode(folder / LONGEST_SOCKET_NAME)) <= SOCKET_PATH_BYTES


def _runtime_folder() -> Path:
    """For root /run, which only root writes to; for others the session's own, if there is one."""
    wanted = "/run" if os.geteuid() == 0 else os.environ.get("XDG_RUNTIME_DIR", "/tmp")
    usable = os.path.isdir(wanted) and os.access(wanted, os.W_OK) and len(wanted) < SOCKET_PATH_BYTES // 2
    return Path(wanted if usable else "/tmp")
