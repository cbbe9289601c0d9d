"""Control characters in texts, names and files never reach another user's terminal."""

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chat.terminal.config import Account
from chat.terminal.rendering import render_event
from chat.terminal.sanitize import safe_json, safe_line, safe_lines
from tests.harness.people import Person
from tests.harness.shell import Shell

TITLE, CLEAR, CSI_IN_ONE, CARRIAGE_RETURN = "\x1b]0;owned\x07", "\x1b[2J\x1b[31m", "\x9b31m", "\rroot: "
TURNED = "\u202egnp.exe\u2066"
ATTACKS = [TITLE, CLEAR, CSI_IN_ONE, CARRIAGE_RETURN, TURNED, "\x08\x08\x08", "\u2028", "\ud800", "\x7f"]
JOINED = "👩\u200d💻 क्\u200dष naïve 你好"


def is_safe(text: str) -> bool:
    return not any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or "\u202a" <= character <= "\u202e" for character in text)


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_drives_a_terminal_is_shown_and_not_done(attack: str) -> None:
    assert is_safe(safe_line(attack))
    assert all(is_safe(line) for line in safe_lines(attack))
    assert is_safe(safe_json({attack: attack}))
    assert json.loads(safe_json({"text": attack})) == {"text": attack}


def test_what_people_write_stays_as_it_is() -> None:
    assert safe_line(JOINED) == JOINED
    assert safe_lines(f"{JOINED}\nsecond\ttabbed") == [JOINED, "second    tabbed"]


@given(some.text(some.characters(exclude_categories=())))
def test_no_text_at_all_gets_through(text: str) -> None:
    assert is_safe(safe_line(text))
    assert all(is_safe(line) for line in safe_lines(text))
    assert json.loads(safe_json(text)) == text


def test_no_line_of_a_text_looks_like_somebody_elses() -> None:
    """Later lines are indented."""
    event = {
        "kind": "message",
        "sender": {"name": "eve"},
        "text": "hello\n12:00:00 alice: I owe eve a fortune",
        "created_at": "2026-01-01T12:00:00Z",
    }
    first, second = ("".join(text for _, text in line) for line in render_event(event))
    assert first.endswith("eve: hello")
    assert second.startswith("    ")


def test_an_event_of_a_kind_that_is_not_known_yet_is_shown_by_its_name() -> None:
    assert render_event({"kind": "danced\x1b[2J", "id": 7})[0][-1][1] == "· danced␛[2J"


def test_the_tail_of_a_room_with_attacks_in_it_is_harmless(alice: Person, bob: Person, tmp_path: Path) -> None:
    room = alice.create_room()["name"]
    alice.http.patch(f"/room/{room}", json={"topic": f"a topic {TURNED}"})
    for attack in (TITLE, CLEAR, CSI_IN_ONE, CARRIAGE_RETURN, TURNED):
        alice.post(room, f"look: {attack}")
    shell = Shell.of(bob, tmp_path)
    for arguments in (["history", room], ["history", room, "--json"], ["get", room], ["rooms", "--name", room]):
        assert is_safe(shell.output(*arguments).replace("\n", "").replace("\t", ""))
    with shell.screen("open", room) as screen:
        screen.wait_for("look: ␛]0;owned␇")
        screen.wait_for("look: ␛[2J␛[31m")
        screen.wait_for("<U+009B>31m")
        screen.wait_for("<U+202E>gnp.exe")
        assert TITLE.encode() not in screen.raw
        assert "\u202e".encode() not in screen.raw and "\x9b".encode() not in screen.raw


def test_an_account_is_no_secret_in_a_trace() -> None:
    assert "hush" not in repr(Account("bob", "hush"))
