"""The tests pass however they are started: some of every shelf, started as cron, a CI job's script or a stranger's shell would."""

import os
import pwd
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.harness.server import ROOT

REPRESENTATIVES = (
    "unit/test_harness.py",
    "api/test_messages.py::test_a_join_is_no_message",
    "live/test_typing.py::test_who_types_does_not_hear_it",
    "page/test_search.py::test_a_word_is_found_and_marked_behind_an_emoji",
    "terminal/test_tail.py::test_a_tail_ends_well_with_ctrl_c",
    "terminal/test_full_screen.py::test_names_have_their_colours",
    "admin/test_keys.py::test_the_key_itself_is_kept_nowhere",
    "files/test_stores.py::test_what_is_kept_is_read_again",
    "operations/test_embedded_servers.py::test_what_alice_wrote_is_found_after_an_orderly_stop",
    "operations/test_bin_serve.py::test_what_it_cannot_work_with_is_named_in_one_line",
)
WITHIN_SECONDS = 300.0
NOWHERE = "http://127.0.0.1:9"  # the discard port: no proxy listens there
FEW_DESCRIPTORS = 256
NOBODY = "nobody"


@dataclass(frozen=True)
class Start:
    """What a starter leaves to its children; `prepare` runs between fork and exec."""

    prepare: Callable[[], None]
    environment: Mapping[str, str] = field(default_factory=dict)
    elsewhere: bool = False  # in another folder, with a long temporary one


def as_a_background_job() -> None:
    """`trap '' INT QUIT HUP PIPE CHLD; umask 077; command <&- &`."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGPIPE, signal.SIGCHLD):
        signal.signal(number, signal.SIG_IGN)
    os.umask(0o077)
    os.close(0)


def as_a_strangers_shell() -> None:
    os.umask(0)
    resource.setrlimit(resource.RLIMIT_NOFILE, (FEW_DESCRIPTORS, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})


def as_an_ordinary_user() -> None:
    account = pwd.getpwnam(NOBODY)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


STARTS = {
    "a script's background job": Start(
        as_a_background_job,
        {
            "LC_ALL": "C",
            "TZ": "Pacific/Kiritimati",
            "TERM": "dumb",
            "COLUMNS": "40",
            "NO_COLOR": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            **dict.fromkeys(("http_proxy", "HTTPS_PROXY", "ALL_PROXY"), NOWHERE),
        },
    ),
    "a stranger's shell": Start(
        as_a_strangers_shell, {"LC_ALL": "tr_TR.UTF-8", "LANGUAGE": "de", "HOME": "/nonexistent", "FORCE_COLOR": "1"}, elsewhere=True
    ),
    "an ordinary user": Start(as_an_ordinary_user, {"LC_ALL": "de_DE.UTF-8", "HOME": "/root"}),
}
USERS = {"an ordinary user": pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else, and others are one already")}


def can_start(start: Start) -> bool:
    try:
        return subprocess.run([sys.executable, "-c", "import pytest"], cwd=ROOT, preexec_fn=start.prepare, check=False).returncode == 0
    except PermissionError:
        return False


@pytest.mark.parametrize("start", [pytest.param(start, marks=USERS.get(name, ()), id=name) for name, start in STARTS.items()])
def test_some_of_every_shelf_pass_however_they_are_started(start: Start, tmp_path: Path) -> None:
    temporary = Path("/tmp") if not start.elsewhere else tmp_path / "a folder" / ("x" * 90)
    temporary.mkdir(parents=True, exist_ok=True)
    paths = [str(ROOT / "tests" / path) for path in REPRESENTATIVES]
    options = ["-q", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT)]
    if not can_start(start):
        pytest.skip("other users may not read this folder, or Python's")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *paths],
        cwd=temporary if start.elsewhere else ROOT,
        env={"PATH": os.environ["PATH"], "TMPDIR": str(temporary), **start.environment},
        preexec_fn=start.prepare,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=WITHIN_SECONDS,
        check=False,
    )
    assert run.returncode == 0, run.stdout
    assert "failed" not in run.stdout.splitlines()[-1]


def test_the_representatives_are_of_every_shelf() -> None:
    shelves = {path.name for path in (ROOT / "tests").iterdir() if list(path.glob("test_*.py"))}
    assert {path.partition("/")[0] for path in REPRESENTATIVES} == shelves
    quick = (ROOT / "tests" / "quick.txt").read_text().split()
    assert {path.split("/")[1] for path in quick} == shelves
    assert [path for path in quick if not (ROOT / path.partition("::")[0]).exists()] == []
