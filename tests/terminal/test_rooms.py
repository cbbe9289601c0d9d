"""Rooms from a terminal: creating, reading, entering with a key, leaving, and the owner's commands."""

from pathlib import Path

import pytest

from chat.terminal.client import Client, path
from tests.harness.people import Person, unique
from tests.harness.shell import Shell


@pytest.fixture
def alices(alice: Person, tmp_path: Path) -> Shell:
    return Shell.of(alice, tmp_path)


@pytest.fixture
def bobs(bob: Person, tmp_path: Path) -> Shell:
    return Shell.of(bob, tmp_path)


def test_a_missing_room_names_the_command_that_lists_rooms(alices: Shell) -> None:
    for arguments in (["get", "no such room"], ["join", "no such room"], ["tail", "no such room"]):
        assert "`chat rooms` lists" in alices.error(4, *arguments)


def test_a_wrong_invite_key_is_reported(alices: Shell) -> None:
    assert "this key opens no room" in alices.error(4, "join", "987654321-abcdefghijklmnopqrstuv")


def test_a_room_cannot_end_both_at_a_time_and_when_empty(alices: Shell) -> None:
    assert "do not go together" in alices.error(2, "create", unique("room"), "--expires-in", "2", "--when-empty")


def test_only_its_owner_changes_a_room(alice: Person, bob: Person, alices: Shell, bobs: Shell) -> None:
    room = alice.create_room()["name"]
    bobs.error(1, "edit", room, "--topic", "mine now")
    bobs.error(1, "close", room, "--yes")
    assert "say what to change" in alices.error(2, "edit", room)


def test_a_room_is_made_with_all_that_one_wishes(alices: Shell) -> None:
    name = unique("room")
    made = alices.json("create", name, "--closed", "--topic", "plans", "--max-members", "3", "--expires-in", "1.5")
    assert made["invite_key"].startswith(f"{made['id']}-")
    shown = alices.json("get", name)
    assert (shown["kind"], shown["topic"], shown["max_members"], shown["expires"]) == ("closed", "plans", 3, "at")
    assert "1 of 3" in alices.output("get", made["id"])
    assert f"{made['id']}\t{name}\tclosed\t1\t" in alices.output("rooms", "--name", name)


def test_bob_comes_in_with_the_key_and_a_new_one_ends_it(alice: Person, bob: Person, alices: Shell, bobs: Shell) -> None:
    made = alices.json("create", unique("room"), "--closed", "--when-empty")
    key = alices.json("invite", made["id"])["invite_key"]
    bobs.error(4, "join", made["invite_key"])
    assert made["name"] in bobs.output("join", key)
    members = bobs.json("members", made["id"])
    assert [(member["user"]["name"], member["owner"]) for member in members] == [(alice.name, True), (bob.name, False)]
    bobs.output("leave", made["id"])
    assert "that you are in" in bobs.error(4, "leave", made["id"])


def test_a_room_whose_name_begins_as_a_key_does_is_joined_by_its_name(alice: Person, bobs: Shell) -> None:
    name = f"2026-{alice.name}"
    alice.http.post("/rooms", json={"name": name})
    assert bobs.json("join", name)["name"] == name


def test_an_owner_removes_bans_and_forgives(alice: Person, bob: Person, alices: Shell) -> None:
    room = alice.create_room()["name"]
    assert bob.http.post(f"/room/{room}/members").status_code == 204
    alices.output("remove", room, bob.name)
    assert "nobody of that name" in alices.error(4, "remove", room, bob.name)
    alices.output("ban", room, bob.name)
    assert bob.name in alices.output("bans", room)
    alices.output("unban", room, bob.name)
    assert alices.json("bans", room) == []


def test_a_closed_room_has_ended(alice: Person, alices: Shell) -> None:
    room = alice.create_room()
    assert alices.json("edit", room["name"], "--topic", "the end")["topic"] == "the end"
    assert "--yes" in alices.error(2, "close", room["name"])
    with alices.screen("close", room["name"]) as screen:
        screen.wait_for("for good?")
        screen.type_text("n\r")
        screen.wait_for("nothing was done")
        assert screen.exit_code() == 1
    alices.output("close", room["name"], "--yes")
    alices.error(4, "get", room["id"])


def test_lists_of_more_than_a_page_are_whole(alice: Person, alices: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page holds 500 at most: smaller ones are asked for here, in this process."""
    monkeypatch.setattr("chat.terminal.client.PAGE", 2)
    names = [alice.create_room(f"{alice.name}-many")["name"] for _ in range(5)]
    client = Client(str(alice.http.base_url), {"Authorization": f"Bearer {alice.token}"})
    assert [room["name"] for room in client.list_all(path("rooms"), name=f"{alice.name}-many")] == names
    client.close()
