"""Undoes what the process that started the tests leaves to its children, so that a test sees the same however it is run.

A script's background job ignores SIGINT, `nohup` SIGHUP; a cron job has a umask, a CI job a proxy, an editor a strange terminal.
The product keeps to what it inherits, as POSIX commands do: a test that sends SIGINT has to start it as a shell would."""

import os
import resource
import signal
import time
from collections.abc import MutableMapping

LEFT_ALONE = {  # restored for each child by subprocess, or about the terminal that the tests themselves run on
    signal.SIGPIPE,
    signal.SIGXFSZ,
    signal.SIGTSTP,
    signal.SIGTTIN,
    signal.SIGTTOU,
}
UMASK = 0o022
DESCRIPTORS = 4096  # a crowd of streams, both of whose ends are ours
FOREIGN = (  # they change what is printed or which server is asked
    "ALL_PROXY",
    "COLUMNS",
    "FORCE_COLOR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "LINES",
    "NO_COLOR",
    "NO_PROXY",
    "PYTHONDEVMODE",
    "PYTHONIOENCODING",
    "PYTHONWARNINGS",
)
LOCALE = ("LANGUAGE", "LC_", "LANG")


def start_clean() -> None:
    """Cleans this process, and so every process that it starts."""
    restore_signals()
    open_standard_streams()
    clean_environment(os.environ)
    os.umask(UMASK)
    raise_descriptors()


def restore_signals() -> None:
    """A handler that does nothing goes on ignoring the signal in this process. `exec` resets handlers, so a child gets the default."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in signal.valid_signals() - LEFT_ALONE:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL if number == signal.SIGCHLD else lambda *_: None)


def open_standard_streams() -> None:
    """The next file or socket to be opened would get a closed one's number."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.dup2(os.open(os.devnull, os.O_RDWR), number)


def clean_environment(environment: MutableMapping[str, str]) -> None:
    for name in list(environment):
        if name.upper() in FOREIGN or name.startswith(LOCALE):
            del environment[name]
    environment.update({"LC_ALL": "C.UTF-8", "TZ": "UTC"})
    time.tzset()


def raise_descriptors() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
