"""Starts a child process that cannot outlive its parent."""

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from chat.embedded.unix_user import UnixUser

PR_SET_PDEATHSIG = 1  # linux/prctl.h
_libc = ctypes.CDLL(None)  # Loaded here: between fork and exec, loading could wait for a lock whose owner does not exist in the child.

# The caller's locale and settings must not change how a server behaves.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def spawn(
    command: list[str],
    *,
    parent_death_signal: signal.Signals,
    user: UnixUser | None = None,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    output: IO[bytes] | None = None,
) -> subprocess.Popen[bytes]:
    """The child gets its own session: a terminal's Ctrl-C reaches only the parent, which stops its children in order."""
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
        user=user.uid if user else None,
        group=user.gid if user else None,
        extra_groups=[] if user else None,
        preexec_fn=_tie_to_parent(parent_death_signal),
    )


def run(command: list[str], **options: Any) -> tuple[int, list[str]]:
    """Waits for a child process of `spawn`. Returns its exit code, and its output in lines."""
    with tempfile.TemporaryFile() as output:
        code = spawn(command, output=output, **options).wait()
        output.seek(0)
        return code, output.read().decode(errors="replace").splitlines()


def end(process: subprocess.Popen[bytes], *steps: tuple[signal.Signals, float]) -> None:
    """Sends each signal in turn and waits its seconds for the process to end, at last SIGKILL."""
    for number, seconds in steps:
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
        return
    process.kill()
    process.wait()


def _tie_to_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    """The kernel sends `death_signal` when the parent's thread ends, however it ends. Only Linux can do that."""
    if sys.platform != "linux":
        return None
    parent = os.getpid()

    def tie() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # The parent died before the call above.
            os._exit(1)

    return tie
