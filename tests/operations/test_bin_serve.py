"""`bin/serve`, as a person runs it."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import copy2, copytree

import httpx
import psutil
import pytest

from chat.cli.database import ANSWER_SECONDS
from chat.cli.serve import DEATHS
from chat.embedded import Postgres
from chat.embedded.unix_user import nobody_user
from tests.harness.backends import short_folder
from tests.harness.deadline import eventually
from tests.harness.processes import arguments, is_alive
from tests.harness.schemas import load_version_1
from tests.harness.server import free_port

ROOT = Path(__file__).resolve().parents[2]
UP_SECONDS = 60.0
REFUSED_SECONDS = 30.0 + ANSWER_SECONDS
OURS = ("chat", "bin", "wsgi.py", "gunicorn.conf.py", "requirements.txt", "requirements-embedded.txt")
ALICE = {"name": "alice", "password": "correct horse battery staple"}


class Serving:
    """One `bin/serve`: its process, what it printed, the processes it started."""

    def __init__(
        self, data: Path, port: int, root: Path = ROOT, prefix: tuple[str, ...] = (), more: Mapping[str, str] | None = None
    ) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {**environment(data, port), **(more or {})}
        self.admin_url = f"http://{self.environment['ADMIN_BIND']}"
        self.output = Path(tempfile.mkstemp(prefix="chat-serve-", suffix=".log")[1])
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*prefix, str(root / "bin" / "serve")],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def wait_until_up(self) -> None:
        eventually(lambda: self.process.poll() is not None or "curl " in self.printed(), UP_SECONDS)
        assert self.process.poll() is None, self.printed()

    def printed(self) -> str:
        return self.output.read_text()

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def named(self, word: str) -> psutil.Process:
        """The child whose command has this word in it; AssertionError while there is none."""
        children = [child for child in psutil.Process(self.process.pid).children() if is_alive(child)]
        found = [child for child in children if any(word in part for part in arguments(child))]
        assert found, f"no {word} among {children}"
        return found[0]

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(UP_SECONDS)


def environment(data: Path, port: int) -> dict[str, str]:
    foreign = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "WEB_CONCURRENCY", "BIND", "HOST")
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    return {**kept, "CHAT_DATA": str(data), "PORT": str(port), "ADMIN_BIND": f"127.0.0.1:{free_port()}"}


@contextmanager
def served(data: Path, **more: object) -> Iterator[Serving]:
    serving = Serving(data, free_port(), **more)  # type: ignore[arg-type]
    try:
        serving.wait_until_up()
        yield serving
    finally:
        serving.stop()
        serving.output.unlink()


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="chat-") as folder:
        yield Path(folder, "var")


@pytest.fixture
def serving(data: Path) -> Iterator[Serving]:
    with served(data) as running:
        yield running


def refusal(data: Path, port: int, more: Mapping[str, str] | None = None, code: int = 1) -> str:
    """The one line that a start which must not succeed leaves on stderr."""
    command = [str(ROOT / "bin" / "serve")]
    ended = subprocess.run(
        command, env={**environment(data, port), **(more or {})}, capture_output=True, text=True, timeout=REFUSED_SECONDS, check=False
    )
    assert ended.returncode == code, ended
    assert len(ended.stderr.splitlines()) == 1, ended.stderr
    return ended.stderr


def admin_refusal(data: Path, bind: str) -> str:
    return refusal(data, free_port(), {"ADMIN_BIND": bind})


def all_gone(processes: list[psutil.Process]) -> bool:
    assert processes
    return not any(is_alive(process) for process in processes)


def test_alice_finds_everything_as_it_was_and_nothing_is_left_running_meanwhile(data: Path) -> None:
    with served(data) as first:
        signed_up = httpx.post(f"{first.url}/api/v1/users", json=ALICE)
        assert signed_up.status_code == 201, signed_up.text
        everybody = first.family()
        assert first.stop() == 0
    assert all_gone(everybody)

    with served(data) as again:
        token = {"Authorization": f"Bearer {signed_up.json()['token']}"}
        assert httpx.get(f"{again.url}/api/v1/session", headers=token).status_code == 200
        assert httpx.post(f"{again.url}/api/v1/users", json=ALICE).status_code == 409


def test_the_data_of_an_earlier_version_are_migrated_by_the_start() -> None:
    with short_folder() as folder:
        postgres = Postgres(folder / "postgres")
        postgres.start()
        load_version_1(postgres.url)
        postgres.stop()
        with served(folder) as serving:
            assert httpx.post(f"{serving.url}/api/v1/session", json=ALICE).status_code == 201


def test_what_would_disturb_a_running_service_is_refused_in_one_line(serving: Serving, data: Path, tmp_path: Path) -> None:
    assert "another bin/serve" in refusal(data, free_port())
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"port {port} is in use" in refusal(tmp_path / "other", port)
        assert f"127.0.0.1:{port}, for the admin interface, is in use" in admin_refusal(tmp_path / "other", f"127.0.0.1:{port}")
    assert httpx.get(f"{serving.url}/healthz").status_code == 200


def test_what_it_cannot_work_with_is_named_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    of_old = tmp_path / "old"
    (of_old / "postgres" / "data").mkdir(parents=True)
    (of_old / "postgres" / "data" / "PG_VERSION").write_text("9\n")

    assert str(file) in refusal(file / "var", free_port())
    assert "PostgreSQL 9" in refusal(of_old, free_port())
    assert "PORT" in refusal(tmp_path / "var", free_port(), {"PORT": "eighty"}, code=3)
    assert "ADMIN_BIND" in refusal(tmp_path / "var", free_port(), {"ADMIN_BIND": "everywhere"}, code=3)
    assert "192.0.2.1:80 cannot be used" in refusal(tmp_path / "var", free_port(), {"BIND": "192.0.2.1:80"})
    with short_folder() as folder:
        (folder / "file").touch()
        assert "no socket" in refusal(tmp_path / "var", free_port(), {"BIND": f"unix:{folder / 'file'}"})


def test_a_database_that_is_away_is_waited_for_and_then_named_in_one_line(tmp_path: Path) -> None:
    nobody_there = f"postgresql://alice@127.0.0.1:{free_port()}/chat"
    assert "refused" in refusal(tmp_path / "var", free_port(), {"DATABASE_URL": nobody_there})


def test_it_asks_where_it_listens_whether_the_service_is_up(tmp_path: Path) -> None:
    """Nobody answers on PORT: BIND goes before it."""
    with short_folder() as folder:
        socket_file = folder / "chat"
        with served(tmp_path / "var", more={"BIND": f"unix:{socket_file}"}) as serving:
            assert f"curl --unix-socket {socket_file} " in serving.printed()
            with httpx.Client(transport=httpx.HTTPTransport(uds=str(socket_file))) as http:
                assert http.get("http://chat.test/healthz").status_code == 200
            with pytest.raises(httpx.ConnectError):
                httpx.get(f"{serving.url}/healthz")
            assert f"{socket_file} is in use" in refusal(tmp_path / "other", free_port(), {"BIND": f"unix:{socket_file}"})


def test_an_address_of_its_own_is_asked_too(tmp_path: Path) -> None:
    port = free_port()
    with served(tmp_path / "var", more={"BIND": f"[::1]:{port}"}) as serving:
        assert f"serving on http://[::1]:{port}" in serving.printed()
        assert httpx.get(f"http://[::1]:{port}/healthz").status_code == 200


def test_a_command_beside_it_finds_its_database_and_leaves_no_trace_of_its_secrets(data: Path) -> None:
    with served(data) as serving:
        environment_file = data / "environment"
        assert environment_file.stat().st_mode & 0o777 == 0o600
        made = subprocess.run(
            [sys.executable, "-m", "chat.cli.admin_keys", "add", "olga"],
            env=serving.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stderr
        key = {"X-API-Key": made.stdout.strip()}
        assert httpx.get(f"{serving.admin_url}/api/v1/", headers=key).status_code == 200
        assert httpx.post(f"{serving.admin_url}/api/v1/stop", headers=key).status_code == 202
        assert serving.process.wait(UP_SECONDS) == 0
    assert not environment_file.exists()


def test_a_killed_supervisor_leaves_no_process_behind_and_can_be_started_again(data: Path) -> None:
    with served(data) as serving:
        everybody = serving.family()
        serving.process.kill()
        eventually(lambda: all_gone(everybody))
    with served(data) as again:
        assert httpx.get(f"{again.url}/healthz").status_code == 200


def test_when_gunicorn_dies_everything_stops_and_the_exit_code_says_so(serving: Serving) -> None:
    everybody = serving.family()

    serving.named("gunicorn").kill()

    assert serving.process.wait(UP_SECONDS) == 128 + signal.SIGKILL
    assert "gunicorn stopped by itself with code 137" in serving.printed()
    assert all_gone(everybody)


def test_a_server_that_dies_is_started_again_but_not_for_ever(serving: Serving) -> None:
    everybody = serving.family()
    serving.named("postgres").kill()
    eventually(lambda: "PostgreSQL died and is started again" in serving.printed())
    eventually(lambda: httpx.get(f"{serving.url}/readyz").status_code == 200, UP_SECONDS)

    for death in range(DEATHS):
        eventually(lambda: serving.named("valkey.sock")).kill()  # not the look at its version before the start
        eventually(lambda: serving.printed().count("Valkey died") > death)  # noqa: B023

    assert serving.process.wait(UP_SECONDS) == 1
    assert f"Valkey died {DEATHS} times" in serving.printed()
    assert all_gone(everybody)


def test_an_ordinary_user_can_serve() -> None:
    with tempfile.TemporaryDirectory(prefix="chat-") as folder:
        checkout = Path(folder, "checkout")
        copy_of_the_checkout(checkout)
        with served(checkout / "var", root=checkout, prefix=as_an_ordinary_user(checkout)) as serving:
            assert httpx.post(f"{serving.url}/api/v1/users", json=ALICE).status_code == 201
            assert all(process.uids().real != 0 for process in serving.family())


def copy_of_the_checkout(checkout: Path) -> None:
    """With the same virtual environment: installing takes long."""
    checkout.mkdir()
    for name in OURS:
        copy = copytree if (ROOT / name).is_dir() else copy2
        copy(ROOT / name, checkout / name)
    (checkout / ".venv").symlink_to(sys.prefix)


def as_an_ordinary_user(checkout: Path) -> tuple[str, ...]:
    if os.geteuid() != 0:
        return ()
    user = nobody_user()
    checkout.parent.chmod(0o755)
    user.own(checkout)
    become = ("setpriv", f"--reuid={user.uid}", f"--regid={user.gid}", "--clear-groups")
    if user.reaches(Path(sys.executable)) and user.reaches(Path(sys.prefix, "bin")):
        return become
    # Root keeps this Python behind a closed door: it may be walked through, nothing else.
    return (*become, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
