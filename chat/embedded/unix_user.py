"""The UNIX user that a server runs as: the caller, or an unprivileged user if the caller is root. That user owns the server's folder.

PostgreSQL refuses to run as root."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from chat.embedded.errors import CannotStart


@dataclass(frozen=True)
class UnixUser:
    uid: int
    gid: int

    def own(self, path: Path) -> None:
        os.chown(path, self.uid, self.gid)

    def reaches(self, path: Path) -> bool:
        """Whether other users may enter every parent folder of `path`. They may not enter /root, where root often unpacks software."""
        return all(folder.stat().st_mode & 0o001 for folder in path.resolve().parents)


def user_for(folder: Path) -> UnixUser | None:
    """Returns None for the caller itself. A folder that belongs to an ordinary user keeps its owner."""
    if os.geteuid() != 0:
        return None
    owner = folder.stat()
    if owner.st_uid != 0:
        return UnixUser(owner.st_uid, owner.st_gid)
    return nobody_user()


def nobody_user() -> UnixUser:
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise CannotStart(
            "there is no user nobody to run the database as: run this as an ordinary user, or set DATABASE_URL and REDIS_URL"
        ) from None
    return UnixUser(entry.pw_uid, entry.pw_gid)
