"""Settings are checked before anything starts: each that is wrong is one line, whichever command is run."""

import re
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from chat import descriptors
from chat.cli.database import ANSWER_SECONDS
from chat.cli.web import GUNICORN
from chat.config import Settings, WrongSetting
from chat.embedded import Postgres
from tests.harness.backends import short_folder
from tests.harness.environment import product_environment, product_settings
from tests.harness.people import Person
from tests.harness.server import ROOT, Server, free_port

ENDS_SECONDS = 30.0
PYTHON = (sys.executable, "-m")
FLASK = (*PYTHON, "flask", "--app", "wsgi")
SERVE = (*PYTHON, "chat.cli.serve")
COMMANDS = {
    "gunicorn": (*PYTHON, *GUNICORN),
    "gunicorn --preload": (*PYTHON, *GUNICORN, "--preload"),
    "web": (*PYTHON, "chat.cli.web"),
    "init-db": (*FLASK, "init-db"),
    "after-restore": (*FLASK, "after-restore"),
    "bin/serve": SERVE,
}
READS_WORKERS_ITSELF = ("gunicorn", "gunicorn --preload")  # when it is imported, before it reads gunicorn.conf.py
WRONG = {
    "DATABASE_URL": "postgresql://alice:hunter2@db.test:port/chat",
    "REDIS_URL": "redis://:hunter2@redis.test:99999",
    "WEB_CONCURRENCY": "abc",
    "ADMIN_BIND": "foo:1",
    "LOG_LEVEL": "loud",
    "LOG_FORMAT": "xml",
    "ACCESS_LOG": "yes",
    "REQUEST_SECONDS": "0",
    "DEAF_SECONDS": "-inf",
    "PORT": "0",
    "HOST": "chat.test",
    "BIND": "8000",
    "PROXY_HOPS": "1.5",
    "HEARTBEAT_SECONDS": "nan",
    "EMPTY_GRACE_SECONDS": "soon",
    "IO_URING": "maybe",
    "FILES_URL": "s3://key:hunter2@s3.test:port/bucket",
    "FILE_BYTES": "0",
    "USER_FILES_BYTES": "-1",
    "ROOM_FILES_BYTES": "many",
    "FILES_BYTES": "1e99",
}
NOBODY_THERE = "unix:///nowhere/valkey.sock"


def started(command: tuple[str, ...], environment: Mapping[str, str], prepare: Callable[[], None] | None = None) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=prepare,
    )


def complaint(process: "subprocess.Popen[str]", within: float = ENDS_SECONDS) -> tuple[int, list[str]]:
    """The exit code, and the lines on stderr."""
    try:
        _, errors = process.communicate(timeout=within)
    finally:
        process.kill()
    return process.returncode, errors.splitlines()


def names(lines: list[str]) -> list[str]:
    """Of the variables, one from each line. A line of a traceback has none."""
    return [found[1] if (found := re.match(r"(?:chat|bin/serve): ([A-Z_]+): ", line)) else line for line in lines]


def settings(name: str, value: str) -> Settings:
    return Settings.from_environ(product_settings("postgresql://x", "redis://x", {name: value}))


@pytest.mark.parametrize("command", COMMANDS)
def test_each_wrong_setting_is_one_line_and_nothing_starts(command: str, tmp_path: Path) -> None:
    wrong = WRONG | ({"WEB_CONCURRENCY": "0"} if command in READS_WORKERS_ITSELF else {})
    environment = product_environment(wrong["DATABASE_URL"], wrong["REDIS_URL"], wrong | {"CHAT_DATA": str(tmp_path / "var")})
    code, lines = complaint(started(COMMANDS[command], environment))
    assert (code, sorted(names(lines))) == (3, sorted(WRONG))
    assert "hunter2" not in " ".join(lines)
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "bin/serve"])  # which has or makes all of them
def test_what_is_missing_is_one_line_each_also_the_secret_key(command: str) -> None:
    code, lines = complaint(started(COMMANDS[command], product_environment("", " ", {"SECRET_KEY": " "})))
    assert (code, names(lines)) == (3, ["DATABASE_URL", "REDIS_URL", "SECRET_KEY"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *WRONG.items(),
        *(("WEB_CONCURRENCY", value) for value in ("0", "-1", "1.5", "two", "2000", "inf")),
        *(("PORT", value) for value in ("-1", "65536", "http", "80.5")),
        *(("DATABASE_URL", f"postgresql://{place}") for place in ("h:0/x", "h:65536", "a:b@h:x?y", "[::1]:x", "h:5432x/x", "alice:half")),
        *(("DATABASE_URL", url) for url in ("mysql://h/x", "postgresql:", "h:5432")),
        *(
            ("REDIS_URL", url)
            for url in ("http://h", "redis://h:0", "redis://h:x/0", "redis://[::1", "redis://h/zero", "redis://:a#b@h:6379")
        ),
        *(("REDIS_URL", url) for url in ("unix://run/valkey.sock", "unix://")),
        *(("LOG_LEVEL", value) for value in ("trace", "10")),
        *(("HOST", value) for value in ("1.2.3", "1.2.3.4:80", "[::1]")),
        *(("BIND", value) for value in ("1.2.3.4", ":80", "::1:80", "unix:chat.sock", "1.2.3.400:80")),
        *(("ADMIN_BIND", value) for value in ("1.2.3.400:80", "127.0.0.1:8000", "[::]:8000")),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    with pytest.raises(WrongSetting) as caught:
        settings(name, value)
    assert [line.partition(": ")[0] for line in caught.value.lines] == [name]
    assert "half" not in str(caught.value), "it may be half of a password"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("DATABASE_URL", f"postgres://{place}")
            for place in ("h:5432/x", "/x?host=/run", "a:b#/?:c@h:1/x", "[::1]:65535/x", "a:b%40c@h/x", "h:/x")
        ),
        *(
            ("REDIS_URL", url)
            for url in ("redis://h:1/0", "rediss://:a%40b@h", "redis://[::1]:6379/", "unix:///a/b?db=1", "unix://u:p@/a/b")
        ),
        *(("WEB_CONCURRENCY", value) for value in ("1", "1000", " 4 ", "")),
        *(("LOG_LEVEL", value) for value in ("INFO", "critical", "")),
        *(("HOST", value) for value in ("localhost", "::1", "0.0.0.0", "")),
        *(("BIND", value) for value in ("[::1]:80", "localhost:80", "unix:/run/chat", "")),
        *(("ADMIN_BIND", value) for value in ("0.0.0.0:8001", "unix:/run/chat", "")),
        ("FILE_BYTES", "15e6"),
    ],
)
def test_a_right_value_is_taken(name: str, value: str) -> None:
    settings(name, value)


@pytest.mark.parametrize(
    ("more", "bound"),
    [
        ({"HOST": "127.0.0.1", "PORT": "81"}, ["127.0.0.1:81"]),
        ({"HOST": "::1", "PORT": "81"}, ["[::1]:81"]),
        ({"HOST": "127.0.0.1", "PORT": "81", "BIND": "unix:/run/chat"}, ["unix:/run/chat"]),
    ],
)
def test_bind_goes_before_host_and_port(more: dict[str, str], bound: list[str]) -> None:
    chosen = Settings.from_environ(product_settings("postgresql://x", "redis://x", more))
    assert [str(address) for address in chosen.public()] == bound


def test_the_way_of_the_procfile_ends_in_gunicorn() -> None:
    environment = product_environment("postgresql://x", NOBODY_THERE)
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    assert complaint(started((*COMMANDS["web"], "--check-config"), environment)) == (0, [])
    code, lines = complaint(started((*COMMANDS["web"], "--no-such-option"), environment))
    assert code == 2
    assert "gunicorn: error: unrecognized arguments: --no-such-option" in lines[-1]


# Descriptors


def few(allowed: int) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, allowed))


@pytest.mark.parametrize("command", ["gunicorn", "gunicorn --preload", "web", "bin/serve"])
def test_a_service_that_could_hold_no_streams_does_not_start(command: str, tmp_path: Path) -> None:
    environment = product_environment("postgresql://x", NOBODY_THERE, {"CHAT_DATA": str(tmp_path / "var")})
    code, lines = complaint(started(COMMANDS[command], environment, partial(few, 256)))
    assert (code, len(lines)) == (3, 1)
    assert "only 256 open files" in lines[0]


def test_as_few_descriptors_as_a_start_takes_are_enough_to_serve(database_url: str, redis_url: str) -> None:
    enough = descriptors.RESERVED + descriptors.LEAST_STREAMS
    with Server(database_url, redis_url, workers=1) as server, Person.signed_in(server, "alice") as alice, ExitStack() as streams:
        resource.prlimit(server.worker_pids()[0], resource.RLIMIT_NOFILE, (enough, enough))
        room = alice.create_room()["id"]
        opened = [streams.enter_context(alice.stream_room(room)) for _ in range(descriptors.LEAST_STREAMS)]
        posted = alice.post(room, "hello")["id"]
        assert {stream.next_message()["id"] for stream in opened} == {posted}
        assert alice.stream_room(room).status == 503


# A database that does not answer


def test_the_release_waits_for_a_database_that_is_still_starting() -> None:
    with short_folder() as folder:
        postgres = Postgres(folder / "postgres", durable=False)
        postgres.start()
        postgres.stop()
        release = started(COMMANDS["init-db"], product_environment(postgres.url, NOBODY_THERE, {"PYTHONUNBUFFERED": "1"}))
        assert release.stdout
        assert "Waiting for the database: " in release.stdout.readline()
        postgres.start()
        try:
            assert complaint(release, ANSWER_SECONDS + ENDS_SECONDS) == (0, [])
        finally:
            postgres.stop()


def test_a_database_that_never_answers_ends_the_command_in_one_line() -> None:
    url = f"postgresql://alice:hunter2@127.0.0.1:{free_port()}/chat"
    both = [started(COMMANDS[name], product_environment(url, NOBODY_THERE)) for name in ("init-db", "after-restore")]
    for process in both:
        code, lines = complaint(process, ANSWER_SECONDS + ENDS_SECONDS)
        assert (code, len(lines)) == (1, 1)
        assert "Connection refused" in lines[0]
        assert "hunter2" not in lines[0]
