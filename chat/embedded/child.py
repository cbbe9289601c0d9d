"""Starting a child process that cannot outlive the one that started it."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from chat.embedded.account import Account

PR_SET_PDEATHSIG = 1  # linux/prctl.h
_libc = ctypes.CDLL(None)  # Loaded here: between fork and exec it could wait for a lock that nobody holds any more.

# Nothing of the caller's locale or settings may change how a server behaves.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def spawn(
    command: list[str],
    *,
    on_parents_death: signal.Signals,
    account: Account | None = None,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    output: IO[bytes] | None = None,
) -> subprocess.Popen[bytes]:
    """In a session of its own: a terminal's Ctrl-C reaches only the parent, who stops its children in order."""
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        preexec_fn=_tie_to_parent(on_parents_death),
    )


def _tie_to_parent(death: signal.Signals) -> Callable[[], None] | None:
    """The kernel sends `death` when the parent's thread ends, however it ends. Only Linux can do that."""
    if sys.platform != "linux":
        return None
    parent = os.getpid()

    def tie() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(death), 0, 0, 0)
        if os.getppid() != parent:  # It died before the kernel was told.
            os._exit(1)

    return tie
