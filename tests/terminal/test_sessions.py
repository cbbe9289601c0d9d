"""Signing up, in and out from a terminal: where the password is read, what is stored, and commands without a session."""

import json
import os
import stat
from pathlib import Path

import pytest

from chat.terminal.config import Config, checked_url
from chat.terminal.errors import Failure
from tests.harness.people import PASSWORD, Person, unique
from tests.harness.server import ROOT, Server, free_port
from tests.harness.shell import Shell


@pytest.fixture
def shell(server: Server, tmp_path: Path) -> Shell:
    """Of somebody who is not signed in."""
    return Shell(tmp_path / "home", server.url)


@pytest.fixture
def signed_up(shell: Shell) -> Shell:
    shell.output("signup", unique("carol"), "-", stdin=PASSWORD)
    return shell


def test_nobody_is_signed_in_at_first(shell: Shell) -> None:
    for arguments in (["whoami", "--json"], ["send", "lobby", "hello"], ["tail", "lobby"]):
        assert "chat signin NAME" in shell.error(3, *arguments)


def test_a_password_among_the_arguments_is_refused_and_not_repeated(shell: Shell) -> None:
    complaint = shell.error(2, "signin", "carol", PASSWORD)
    assert PASSWORD not in complaint
    assert "standard input" in complaint


def test_without_a_terminal_there_is_nobody_to_ask(shell: Shell) -> None:
    assert "give - to read it" in shell.error(2, "signin", "carol", stdin=PASSWORD)


def test_a_wrong_password_signs_nobody_in(shell: Shell, bob: Person) -> None:
    assert "wrong" in shell.error(3, "signin", bob.name, "-", stdin="not the password")
    assert not shell.config.exists()


def test_a_short_password_is_refused_by_the_service_and_named(shell: Shell) -> None:
    assert "password" in shell.error(1, "signup", unique("carol"), "-", stdin="short")


def test_a_taken_name_is_refused(shell: Shell, bob: Person) -> None:
    assert "taken" in shell.error(1, "signup", bob.name, "-", stdin=PASSWORD)


@pytest.mark.parametrize("token", ["grün", "two\nlines", "ring\a"])
def test_a_token_that_no_header_can_hold_is_refused_without_being_shown(shell: Shell, token: str) -> None:
    shell.environment |= {"CHAT_TOKEN": token, "CHAT_ADMIN_KEY": token}
    for arguments in (["whoami"], ["admin", "rooms"]):
        assert not set(token.split()) & set(shell.error(3, *arguments).replace("'", " ").split())


@pytest.mark.parametrize("arguments", [["send", "lobby", b"gr\xfcn"], ["get", b"gr\xfcn"], ["join", b"gr\xfcn"], ["create", b"gr\xfcn"]])
def test_what_is_no_text_is_refused_in_a_line(bob: Person, tmp_path: Path, arguments: list[str | bytes]) -> None:
    shell = Shell.of(bob, tmp_path)
    assert "is not text" in shell.error(2, *[os.fsdecode(argument) for argument in arguments])


def test_a_password_that_is_no_text_is_not_shown(shell: Shell) -> None:
    shell.environment["PYTHONIOENCODING"] = "utf-8:surrogateescape"
    assert "secret" not in shell.error(2, "signin", "carol", "-", stdin=b"secret gr\xfcn")


def test_an_address_that_is_none_is_refused(shell: Shell) -> None:
    assert "address of a server" in shell.error(1, "whoami", "--url", "localhost:8000")
    for url in ("ftp://localhost", "http://", "http://localhost:port", "http://a:b@localhost", "http://localhost?x"):
        with pytest.raises(Failure, match="address of a server"):
            checked_url(url)


def test_where_nobody_listens_the_exit_code_says_so(shell: Shell) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    assert "cannot reach" in shell.error(5, "signin", "carol", "-", "--url", url, stdin=PASSWORD)


def test_somebody_who_signs_up_stays_signed_in(signed_up: Shell, server: Server) -> None:
    current = signed_up.json("whoami")
    assert current["user"]["name"].startswith("carol")
    assert current["url"] == server.url
    assert current["user"]["name"] in signed_up.output("whoami")


def test_the_token_is_kept_for_its_owner_alone(signed_up: Shell) -> None:
    assert stat.S_IMODE(signed_up.config.stat().st_mode) == 0o600
    assert stat.S_IMODE(signed_up.config.parent.stat().st_mode) == 0o700
    assert [file.name for file in signed_up.config.parent.iterdir()] == ["config.json"]


def test_a_file_that_others_could_read_is_closed_to_them(signed_up: Shell) -> None:
    signed_up.config.chmod(0o644)
    signed_up.output("signup", unique("carol"), "-", stdin=PASSWORD)
    assert stat.S_IMODE(signed_up.config.stat().st_mode) == 0o600


def test_the_token_is_never_printed(signed_up: Shell, server: Server) -> None:
    (account,) = json.loads(signed_up.config.read_text())["servers"].values()
    for done in (signed_up.run("whoami"), signed_up.run("whoami", "--json"), signed_up.run("get", "no-such-room")):
        assert account["token"] not in done.out + done.err


def test_one_is_signed_in_to_several_servers_and_the_last_is_the_usual_one(signed_up: Shell, server: Server) -> None:
    other = server.url.replace("127.0.0.1", "localhost")
    first = signed_up.json("whoami")["user"]["name"]
    second = unique("carol")
    signed_up.output("signup", second, "-", "--url", other, stdin=PASSWORD)
    signed_up.environment["CHAT_URL"] = ""
    assert signed_up.json("whoami")["user"]["name"] == second
    assert signed_up.json("whoami", "--url", f"{server.url}/api/v1/")["user"]["name"] == first


def test_the_token_of_the_environment_goes_before_the_kept_one(signed_up: Shell, bob: Person) -> None:
    signed_up.environment["CHAT_TOKEN"] = bob.token
    assert signed_up.json("whoami")["user"]["name"] == bob.name
    signed_up.environment["CHAT_TOKEN"] = "wrong"
    assert "not signed in" in signed_up.error(3, "whoami")


def test_signing_out_ends_the_session_and_forgets_it(signed_up: Shell) -> None:
    (account,) = json.loads(signed_up.config.read_text())["servers"].values()
    assert "signed out" in signed_up.output("signout")
    assert account["token"] not in signed_up.config.read_text()
    signed_up.environment["CHAT_TOKEN"] = account["token"]
    signed_up.error(3, "whoami")


def test_a_broken_configuration_is_reported_in_one_line(signed_up: Shell) -> None:
    signed_up.config.write_text("")
    assert str(signed_up.config) in signed_up.error(1, "whoami")
    for broken in ("[]", '{"servers": {"u": 1}}', '{"servers": 7}'):
        signed_up.config.write_text(broken)
        with pytest.raises(Failure, match="cannot read"):
            Config.load(signed_up.environment)


def test_a_folder_that_cannot_be_written_is_reported_in_one_line(shell: Shell) -> None:
    (shell.home / "config").write_text("a file where the folder should be")
    assert "config" in shell.error(1, "signup", unique("carol"), "-", stdin=PASSWORD)


def test_a_password_is_asked_for_twice_and_not_shown(shell: Shell) -> None:
    with shell.screen("signup", unique("carol")) as screen:
        for question in ("Password:", "Once more:"):
            screen.wait_for(question)
            screen.type_text(PASSWORD)
            screen.press("enter")
        screen.wait_for("signed in to")
        assert screen.exit_code() == 0
        assert PASSWORD.encode() not in screen.raw


def test_two_passwords_that_differ_sign_nobody_up(shell: Shell) -> None:
    with shell.screen("signup", unique("carol")) as screen:
        for question, answer in (("Password:", PASSWORD), ("Once more:", "another")):
            screen.wait_for(question)
            screen.type_text(answer)
            screen.press("enter")
        screen.wait_for("not the same")
        assert screen.exit_code() == 1


def test_ctrl_c_at_the_password_leaves_cleanly(shell: Shell) -> None:
    with shell.screen("signin", "carol") as screen:
        screen.wait_for("Password:")
        screen.press("ctrl-c")
        assert screen.exit_code() == 130
        assert "Traceback" not in screen.text


# bin/chat itself


def test_bin_chat_runs_from_any_folder_through_a_link(server: Server, bob: Person, tmp_path: Path) -> None:
    """Modules of the same names in the current folder are not imported."""
    for trap in ("click.py", "chat.py", "rich.py"):
        (tmp_path / bob.name).mkdir(exist_ok=True)
        (tmp_path / bob.name / trap).write_text("raise SystemExit('the wrong module')")
    link = tmp_path / "chat-link"
    os.symlink(ROOT / "bin" / "chat", link)
    shell = Shell(tmp_path / bob.name, server.url, bob.token, [str(link)], PYTHONPATH="")
    assert shell.json("whoami")["user"]["name"] == bob.name


def test_wrong_usage_is_one_line(shell: Shell) -> None:
    for wrong in (["nonsense"], ["whoami", "--nonsense"], ["send"], ["history", "lobby", "--limit", "none"], ["get", ".."]):
        assert "--help" in shell.error(2, *wrong)


def test_completion_is_printed_for_a_shell(shell: Shell) -> None:
    assert "_CHAT_COMPLETE" in shell.output("completion", "bash")


def test_rooms_are_completed(bob: Person, tmp_path: Path) -> None:
    room = bob.create_room("backstage")["name"]
    words = {"_CHAT_COMPLETE": "bash_complete", "COMP_WORDS": f"chat send {room[:-1]}", "COMP_CWORD": "2"}
    assert room in Shell.of(bob, tmp_path, **words).output()


def test_help_lists_every_command_with_what_it_does(shell: Shell) -> None:
    help_text = shell.output("--help")
    for command in ("signup", "open", "tail", "join", "admin", "audit", "completion"):
        assert f"\n  {command} " in help_text
    assert "not installed" not in help_text


def test_help_loads_nothing_of_the_server(shell: Shell) -> None:
    """An installation from requirements-terminal.txt has no Flask."""
    program = (
        "import sys, chat.terminal.main, chat.terminal.open; print([m for m in ('flask', 'gevent', 'sqlalchemy') if m in sys.modules])"
    )
    shell._command = [shell._command[0], "-P", "-c"]
    assert shell.output(program).strip() == "[]"
