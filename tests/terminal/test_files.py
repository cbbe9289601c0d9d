"""Files from a terminal: uploaded with a message, and downloaded whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from tests.harness.fault_relay import Fault, FaultRelay
from tests.harness.people import Person
from tests.harness.server import Server
from tests.harness.shell import Shell

CONTENT = os.urandom(300_000)


@pytest.fixture
def shell(bob: Person, tmp_path: Path) -> Shell:
    made = Shell.of(bob, tmp_path)
    (made.home / "plan.bin").write_bytes(CONTENT)
    return made


def test_a_file_that_is_not_there_sends_nothing(shell: Shell, room: str, alice: Person) -> None:
    assert "no-such-file" in shell.error(2, "send", room, "hello", "-f", "no-such-file")
    assert alice.history(room) == []


def test_a_file_that_is_too_large_is_refused_in_the_services_words(shell: Shell, room: str, alice: Person) -> None:
    with (shell.home / "film").open("wb") as film:
        film.truncate(16_000_000)
    assert "too large" in shell.error(1, "send", room, "look", "-f", "film")
    assert alice.history(room) == []


def test_a_file_of_another_server_is_not_asked_for_with_our_token(shell: Shell) -> None:
    assert "is not on" in shell.error(1, "download", "https://evil.example/api/v1/file/1/x")
    assert "is not on" in shell.error(1, "download", "//evil.example/file/1/x")


def test_a_file_that_one_may_not_read_is_not_there(shell: Shell, alice: Person) -> None:
    closed = alice.create_room(kind="closed")["id"]
    file = alice.http.post(f"/room/{closed}/files", files={"file": ("secret", b"secret")}).json()["file"]
    assert "there is no file" in shell.error(4, "download", file["id"])
    assert [path.name for path in shell.home.iterdir()] == ["plan.bin"]


def test_files_are_uploaded_with_a_message_and_downloaded_unchanged(shell: Shell, room: str) -> None:
    (shell.home / "second.txt").write_text("more")
    first, second = shell.json("send", room, "the", "plan", "-f", "plan.bin", "-f", "second.txt")
    assert (first["text"], first["file"]["name"], first["file"]["size"]) == ("the plan", "plan.bin", len(CONTENT))
    assert (second["text"], second["file"]["name"]) == ("", "second.txt")
    assert f"chat download {first['file']['id']}" in shell.output("history", room)
    assert "saved copy" in shell.output("download", first["file"]["url"], "-o", "copy")
    assert (shell.home / "copy").read_bytes() == CONTENT
    assert shell.output("download", second["file"]["id"], "-o", "-") == "more"


def test_a_file_whose_name_is_no_text_is_sent(shell: Shell, room: str, alice: Person) -> None:
    file = shell.home / os.fsdecode(b"gr\xfcn.txt")
    file.write_text("hello")
    shell.output("send", room, "-f", file)
    assert alice.http.get(f"/room/{room}/messages").json()["messages"][-1]["file"]["name"] == "gr\ufffdn.txt"


def test_a_download_replaces_a_file_only_with_force(shell: Shell, room: str) -> None:
    file = shell.json("send", room, "-f", "plan.bin")["file"]
    (shell.home / "plan.bin").write_text("mine")
    assert "is there already" in shell.error(1, "download", file["id"])
    assert (shell.home / "plan.bin").read_text() == "mine"
    shell.output("download", file["id"], "--force")
    assert (shell.home / "plan.bin").read_bytes() == CONTENT
    assert not stat.S_IMODE((shell.home / "plan.bin").stat().st_mode) & 0o111
    assert [path.name for path in shell.home.iterdir()] == ["plan.bin"], "nothing unfinished is left"


def test_a_name_that_is_a_path_is_only_a_name(shell: Shell, room: str, alice: Person) -> None:
    file = alice.http.post(f"/room/{room}/files", files={"file": ("../../.profile", b"evil")}).json()["file"]
    shell.output("download", file["id"])
    assert {path.name for path in shell.home.iterdir()} == {"plan.bin", "profile"}


def test_an_upload_whose_answer_was_lost_is_there_once(server: Server, shell: Shell, room: str, alice: Person) -> None:
    with FaultRelay(server.port, Fault.ONE_ANSWER) as relay:
        shell.output("send", room, "once", "-f", "plan.bin", "--url", relay.url)
        assert relay.fault is Fault.NONE, "no answer was lost"
    assert alice.history(room) == ["once"]


def test_on_a_terminal_a_bar_shows_how_far_it_is(shell: Shell, room: str) -> None:
    with shell.screen("send", room, "-f", "plan.bin") as screen:
        assert screen.exit_code() == 0
        assert "━".encode() in screen.raw
        assert "[plan.bin, 300.0 KB]" in screen.text
