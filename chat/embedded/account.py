"""Under whose name a server runs: the caller's, or, for root, that of an unprivileged user, who then owns the server's folder.

PostgreSQL refuses to run as root."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from chat.embedded.failure import CannotStart


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int

    def own(self, path: Path) -> None:
        os.chown(path, self.uid, self.gid)

    def reaches(self, path: Path) -> bool:
        """Whether every folder on the way to `path` lets strangers through: /root, where root likes to unpack things, does not."""
        return all(folder.stat().st_mode & 0o001 for folder in path.resolve().parents)


def account_for(folder: Path) -> Account | None:
    """None: the caller's own. A folder that already belongs to an ordinary user stays that user's."""
    if os.geteuid() != 0:
        return None
    owner = folder.stat()
    if owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    return nobody()


def nobody() -> Account:
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise CannotStart(
            "there is no user nobody to run the database as: run this as an ordinary user, or set DATABASE_URL and REDIS_URL"
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)
