"""Sending and reading messages from a terminal."""

import subprocess

from tests.harness.fault_relay import Fault, FaultRelay
from tests.harness.people import Person
from tests.harness.server import Server
from tests.harness.shell import Shell

ENDS_SECONDS = 30


def test_an_empty_message_is_refused(shell: Shell, room: str, alice: Person) -> None:
    assert "say what" in shell.error(2, "send", room)
    assert "text" in shell.error(1, "send", room, "-", stdin="\n")
    assert "UTF-8" in shell.error(1, "send", room, "-", stdin=b"\xff\xfe")
    shell.error(1, "send", room, "x" * 20_000)
    assert alice.history(room) == []


def test_a_missing_user_names_the_command_that_lists_users(shell: Shell) -> None:
    assert "`chat users` lists" in shell.error(4, "dm", "nobody-of-this-name", "hello")


def test_a_message_is_posted_from_words_or_standard_input(shell: Shell, room: str, alice: Person) -> None:
    shell.output("send", room, "hello", "world")
    shell.output("send", room, "-", stdin="two\nlines\n")
    shell.output("send", room, "--", "--json")
    assert alice.history(room) == ["hello world", "two\nlines", "--json"]


def test_a_direct_message_reaches_one_person_and_is_read_back(shell: Shell, alice: Person, bob: Person) -> None:
    message = shell.json("dm", alice.name, "psst")
    assert message["room"]["kind"] == "direct"
    assert [each["id"] for each in shell.json("history", f"@{alice.name}")["messages"]] == [message["id"]]


def test_history_is_read_in_windows(shell: Shell, room: str, alice: Person) -> None:
    ids = [alice.post(room, f"message {number}")["id"] for number in range(5)]
    page = shell.json("history", room, "--limit", "2", "--before", ids[4])
    assert ([message["id"] for message in page["messages"]], page["more"]) == ([ids[2], ids[3]], True)
    lines = shell.output("history", room, "--after", ids[2]).splitlines()
    assert [line.partition(": ")[2] for line in lines] == ["message 3", "message 4"]
    assert all(alice.name in line for line in lines)
    shell.error(2, "history", room, "--before", "3", "--after", "1")


def test_a_post_whose_answer_was_lost_is_there_once(server: Server, shell: Shell, room: str, alice: Person) -> None:
    with FaultRelay(server.port, Fault.ONE_ANSWER) as relay:
        message = shell.json("send", room, "once", "--url", relay.url)
        assert relay.fault is Fault.NONE, "no answer was lost"
    assert alice.history(room) == [message["text"]] == ["once"]


def test_a_reader_that_goes_away_is_no_error(shell: Shell, room: str, alice: Person) -> None:
    """`chat history ROOM | head -1`."""
    for number in range(20):
        alice.post(room, f"{number} " + "x" * 10_000)  # more than a pipe holds
    process = subprocess.Popen(
        shell.line("history", room), env=shell.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
    )
    assert process.stdout is not None and process.stderr is not None
    assert process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(ENDS_SECONDS) != 0


def test_what_an_output_cannot_take_is_shown_by_its_number(shell: Shell, room: str, alice: Person) -> None:
    alice.post(room, "grüße")
    shell.environment["PYTHONIOENCODING"] = "ascii"
    assert "gr\\xfc\\xdfe" in shell.output("history", room)


def test_no_colour_where_nobody_looks_or_nobody_wants_it(shell: Shell, room: str, alice: Person) -> None:
    alice.post(room, "hello")
    assert "\x1b" not in shell.output("history", room)
    with shell.screen("history", room) as screen:
        screen.wait_for("hello")
        assert b"\x1b[" in screen.raw, "the control: a terminal is shown colours"
    shell.environment["NO_COLOR"] = "1"
    with shell.screen("history", room) as screen:
        screen.wait_for("hello")
        assert screen.exit_code() == 0
        assert b"\x1b[3" not in screen.raw
