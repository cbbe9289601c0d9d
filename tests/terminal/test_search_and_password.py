"""Searching messages, and changing the password, from a terminal."""

from pathlib import Path

import pytest

from tests.harness import http_client
from tests.harness.people import PASSWORD, Person
from tests.harness.server import Server
from tests.harness.shell import Shell

NEW = "a horse of another colour"


@pytest.fixture
def shell(alice: Person, tmp_path: Path) -> Shell:
    """Alice's."""
    return Shell.of(alice, tmp_path)


def still_has(server: Server, person: Person, password: str) -> bool:
    return http_client.post(f"{server.url}/session", json={"name": person.name, "password": password}).status_code == 201


def test_a_wrong_password_changes_nothing(server: Server, shell: Shell, alice: Person) -> None:
    assert "not the present one" in shell.error(1, "passwd", "-", stdin=f"not hers\n{NEW}\n")
    assert "new_password" in shell.error(1, "passwd", "-", stdin=f"{PASSWORD}\nshort\n")
    assert still_has(server, alice, PASSWORD)


def test_a_password_is_no_argument(shell: Shell) -> None:
    assert "not given as an argument" in shell.error(2, "passwd", NEW)
    assert "no terminal" in shell.error(2, "passwd")


def test_a_changed_password_ends_the_other_sessions_and_not_this_one(server: Server, shell: Shell, alice: Person) -> None:
    with alice.sign_in_again() as other:
        assert "was changed" in shell.output("passwd", "-", stdin=f"{PASSWORD}\n{NEW}\n")
        assert other.http.get("/session").status_code == 401
    assert still_has(server, alice, NEW) and not still_has(server, alice, PASSWORD)
    assert alice.name in shell.output("whoami")


def test_whoami_tells_what_one_says_of_oneself(shell: Shell, alice: Person) -> None:
    assert "about" not in shell.output("whoami")
    assert alice.http.patch("/user/me", json={"about": "keeps\nbees \x1b[31m"}).status_code == 200
    line = next(line for line in shell.output("whoami").splitlines() if "about" in line)
    assert "keeps" in line and "bees" in line and "\x1b[31m" not in line


def test_nothing_is_not_looked_for(shell: Shell) -> None:
    shell.error(2, "search")
    assert "q " in shell.error(1, "search", "???")
    shell.error(4, "search", "--room", "no-such-room", "word")


def test_messages_are_found_by_their_words(shell: Shell, alice: Person, bob: Person) -> None:
    room, other = alice.create_room()["name"], alice.create_room()["name"]
    message = bob.post(room, "the zebra\nhas stripes")
    elsewhere = bob.post(other, "a zebra's stripes")
    lines = shell.output("search", "stripes", "zeb", "--room", room).splitlines()
    assert len(lines) == 1
    number, _, where, who, what = lines[0].split("\t")
    assert (int(number), where, who) == (message["id"], room, bob.name) and "zebra" in what
    page = shell.json("search", "zebra", "strip", "--limit", "100")
    assert {message["id"], elsewhere["id"]} <= {result["message"]["id"] for result in page["results"]}


def test_search_results_come_in_pages(shell: Shell, alice: Person) -> None:
    room = alice.create_room()["name"]
    ids = [alice.post(room, "again")["id"] for _ in range(3)]
    first = shell.json("search", "again", "--room", room, "--limit", "2")
    assert ([result["message"]["id"] for result in first["results"]], first["more"]) == ([ids[2], ids[1]], True)
    rest = shell.json("search", "again", "--room", room, "--before", ids[1])
    assert ([result["message"]["id"] for result in rest["results"]], rest["more"]) == ([ids[0]], False)
