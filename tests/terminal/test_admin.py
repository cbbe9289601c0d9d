"""An operator at a terminal: keys are made on the service's machine, and used from anywhere."""

import json
from pathlib import Path

import pytest

from tests.harness.environment import SETTINGS
from tests.harness.people import Person
from tests.harness.server import Server, free_port
from tests.harness.shell import Shell


@pytest.fixture
def shell(server: Server, tmp_path: Path) -> Shell:
    return Shell(
        tmp_path / "home", server.url, ADMIN_URL=server.admin_url, DATABASE_URL=server.database_url, SECRET_KEY=SETTINGS["SECRET_KEY"]
    )


@pytest.fixture
def operator(shell: Shell) -> Shell:
    """With a key."""
    shell.environment["CHAT_ADMIN_KEY"] = json.loads(shell.output("admin", "key", "add", "tests", "--json"))["key"]
    return shell


def test_without_a_key_nobody_administers(shell: Shell) -> None:
    assert "CHAT_ADMIN_KEY" in shell.error(3, "admin", "rooms")
    shell.environment["CHAT_ADMIN_KEY"] = "wrong"
    assert "CHAT_ADMIN_KEY" in shell.error(3, "admin", "rooms", "--json")


def test_where_no_admin_interface_listens_the_exit_code_says_so(operator: Shell) -> None:
    operator.error(5, "admin", "users", "--url", f"http://127.0.0.1:{free_port()}")


def test_a_missing_room_or_user_names_the_command_that_lists_them(operator: Shell) -> None:
    assert "`chat admin rooms`" in operator.error(4, "admin", "close", "no such room", "--yes")
    assert "`chat admin users`" in operator.error(4, "admin", "ban", "no-such-user")


def test_an_operator_sees_and_closes_rooms(operator: Shell, alice: Person) -> None:
    room = alice.create_room(kind="closed")
    assert f"{room['id']}\t{room['name']}\tclosed\t{alice.name}\t1\t" in operator.output("admin", "rooms")
    operator.output("admin", "close", room["id"], "--yes")
    assert alice.http.get(f"/room/{room['id']}").status_code == 410


def test_an_operator_keeps_somebody_out_and_lets_them_in_again(operator: Shell, bob: Person) -> None:
    operator.output("admin", "ban", bob.name)
    assert bob.http.get("/session").status_code == 401
    assert next(user for user in operator.json("admin", "users") if user["id"] == bob.id)["banned_at"]
    operator.output("admin", "unban", bob.name)
    with bob.sign_in_again() as again:
        operator.output("admin", "end-sessions", bob.name)
        assert again.http.get("/session").status_code == 401


def test_an_announcement_reaches_the_rooms_that_are_named(operator: Shell, alice: Person) -> None:
    named, other = alice.create_room()["name"], alice.create_room()["name"]
    operator.output("admin", "announce", "we", "close", "at", "ten", "--room", named)
    assert (alice.history(named), alice.history(other)) == (["we close at ten"], [])
    alices = Shell.of(alice, operator.home)
    assert "announcement: we close at ten" in alices.output("history", named)


def test_an_operator_sees_streams_and_what_was_done(operator: Shell, alice: Person) -> None:
    room = alice.create_room()["id"]
    with alice.stream_room(room) as stream:
        stream.next_frame()
        assert f"\t{alice.name}\tsse\t{room}\t127.0.0.1\t" in operator.output("admin", "streams")
    operator.output("admin", "announce", "noted", "--room", room)
    newest = operator.json("admin", "audit-log", "--limit", "1")[0]
    assert newest["actor"].startswith("key") or "tests" in newest["actor"], newest
    assert newest["act"] in operator.output("admin", "audit-log", "--limit", "1")
