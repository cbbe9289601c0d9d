"""Profiles: some lines about a user, for every signed-in user."""

import httpx
import pytest

from tests.harness import http_client
from tests.harness.people import Person
from tests.harness.responses import BASES, at_both_bases, problem
from tests.harness.server import Server
from tests.harness.workers import request_each_worker

LONGEST = 500


def say(person: Person, about: object, base: str = "/api/v1") -> httpx.Response:
    return person.http.patch(f"{base}/user/me", json={"about": about})


def seen(person: Person, other: Person) -> object:
    return person.http.get(f"/user/{other.id}").json()["about"]


# Refused


@at_both_bases
def test_nobody_who_is_not_signed_in_changes_anything(server: Server, base: str) -> None:
    problem(http_client.request("PATCH", f"{server.url}{base}/user/me", json={"about": "anybody"}), 401)


@pytest.mark.parametrize("about", ["x" * (LONGEST + 1), "a\0b", "\ud800", 7, None, ["me"]])
def test_what_cannot_be_said_is_refused_by_name(alice: Person, about: object) -> None:
    assert say(alice, "as before").status_code == 200
    if about == "\ud800":
        answer = alice.http.patch("/user/me", content=b'{"about": "\\ud800"}', headers={"Content-Type": "application/json"})
        problem(answer, 400, "body")
    else:
        problem(say(alice, about), 400, "about")
    assert seen(alice, alice) == "as before"


def test_nothing_else_is_changed(alice: Person, bob: Person) -> None:
    problem(alice.http.patch("/user/me", json={"name": "root"}), 400, "name")
    problem(alice.http.patch("/user/me", json={"avatar_url": "https://elsewhere.example"}), 400, "avatar_url")
    for whom in (bob.id, bob.name, alice.id):
        problem(alice.http.patch(f"/user/{whom}", json={"about": "a fool"}), 405)
    assert seen(alice, bob) == ""


def test_no_foreign_page_changes_it_with_a_cookie(server: Server, alice: Person) -> None:
    headers = {"Cookie": f"chat_session={alice.token}", "Sec-Fetch-Site": "cross-site"}
    problem(http_client.request("PATCH", f"{server.url}/user/me", json={"about": "from elsewhere"}, headers=headers), 403)
    assert seen(alice, alice) == ""


# Granted


def test_who_is_new_has_said_nothing(alice: Person) -> None:
    assert alice.http.get(f"/user/{alice.id}").json() | {"created_at": ""} == {
        "id": alice.id,
        "name": alice.name,
        "created_at": "",
        "about": "",
        "avatar_url": None,
    }


@pytest.mark.parametrize(
    "about", ["x" * LONGEST, "Keeps bees.\nWrites Ada.", "<b>bold</b> & \u202eright to left", "\U0001f41d" * LONGEST, ""]
)
def test_everybody_sees_it_on_every_worker(server: Server, alice: Person, bob: Person, about: str) -> None:
    for base in BASES:
        answer = say(alice, about, base)
        assert (answer.status_code, answer.json()["about"]) == (200, about)
    for user in request_each_worker(server, bob, "GET", f"/user/{alice.name}"):
        assert user.json()["about"] == about
    listed = bob.http.get("/users", params={"name": alice.name}).json()
    assert [user["about"] for user in listed] == [about]
    assert alice.http.get("/session").json()["user"]["about"] == about


def test_blanks_around_it_go_and_what_is_not_said_stays(alice: Person) -> None:
    assert say(alice, "  keeps bees \n").json()["about"] == "keeps bees"
    assert alice.http.patch("/user/me", json={}).json()["about"] == "keeps bees"
    assert alice.sign_in_again().http.get("/session").json()["user"]["about"] == "keeps bees"
