"""Signing up, signing in, and finding users."""

import httpx
import pytest

from tests.harness import http_client
from tests.harness.people import PASSWORD, Person, unique
from tests.harness.responses import at_both_bases, content_but_id, is_utc, next_page, problem
from tests.harness.server import Server
from tests.harness.tables import nothing_stored


def ask(server: Server, path: str, name: str, password: str = PASSWORD) -> httpx.Response:
    return http_client.post(server.url + path, json={"name": name, "password": password})


# Refused


@at_both_bases
def test_a_name_is_given_once(server: Server, alice: Person, base: str) -> None:
    with nothing_stored(server.database_url):
        problem(ask(server, f"{base}/users", alice.name), 409, "name")


@pytest.mark.parametrize("same", [str.upper, str.title, lambda name: f"  {name} "], ids=["upper", "title", "spaces"])
def test_names_that_read_the_same_are_the_same(server: Server, alice: Person, same: "type[str]") -> None:
    problem(ask(server, "/api/v1/users", same(alice.name)), 409, "name")


def test_names_that_only_differ_in_encoding_are_the_same(server: Server) -> None:
    name = unique("zo\u00eb")
    assert ask(server, "/api/v1/users", name).status_code == 201
    problem(ask(server, "/api/v1/users", name.replace("\u00eb", "e\u0308")), 409, "name")


@at_both_bases
def test_a_wrong_password_signs_nobody_in(server: Server, alice: Person, base: str) -> None:
    with nothing_stored(server.database_url):
        answer = ask(server, f"{base}/session", alice.name, "not her password")
    problem(answer, 401)
    assert "Set-Cookie" not in answer.headers


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(server: Server, alice: Person) -> None:
    wrong = ask(server, "/api/v1/session", alice.name, "not her password")
    unknown = ask(server, "/api/v1/session", unique("nobody"), "not her password")
    assert (wrong.status_code, content_but_id(wrong)) == (unknown.status_code, content_but_id(unknown))
    assert wrong.headers.keys() == unknown.headers.keys()


@pytest.mark.parametrize("reference", ["0", "999999999999", "nobody-here", "\u00b2", "-1"])
@at_both_bases
def test_a_user_that_is_not_there_is_not_found(alice: Person, base: str, reference: str) -> None:
    problem(alice.http.get(f"{base}/user/{reference}"), 404)


# Granted


@at_both_bases
def test_signing_up_answers_the_user_and_a_token(server: Server, base: str) -> None:
    name = unique("carol")
    answer = ask(server, f"{base}/users", name)
    assert answer.status_code == 201
    assert answer.json().keys() == {"user", "token"}
    user = answer.json()["user"]
    assert user.keys() == {"id", "name", "created_at", "about", "avatar_url"}
    assert user["name"] == name and is_utc(user["created_at"])
    assert answer.headers["Location"] == f"{server.url}{base}/user/{user['id']}"


@pytest.mark.parametrize("path", ["users", "session"])
@at_both_bases
def test_signing_up_and_in_set_a_cookie_that_scripts_and_foreign_pages_cannot_use(
    server: Server, alice: Person, base: str, path: str
) -> None:
    answer = ask(server, f"{base}/{path}", unique("dave") if path == "users" else alice.name)
    assert answer.status_code == 201
    attributes = {part.strip().lower() for part in answer.headers["Set-Cookie"].split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/"} <= attributes
    assert answer.cookies["chat_session"] == answer.json()["token"]
    assert answer.headers["Cache-Control"] == "no-store"


@at_both_bases
def test_signing_in_again_makes_another_session(server: Server, alice: Person, base: str) -> None:
    answer = ask(server, f"{base}/session", alice.name)
    assert answer.status_code == 201
    assert answer.json()["user"]["id"] == alice.id
    assert answer.json()["token"] != alice.token


def test_a_name_signs_in_in_any_case(server: Server, alice: Person) -> None:
    assert ask(server, "/api/v1/session", alice.name.upper()).json()["user"]["id"] == alice.id


@pytest.mark.parametrize("password", ["12345678", "p" * 200, "pässwörd \U0001f511", "nul\0nul\0nul"])
def test_a_password_may_hold_anything(server: Server, password: str) -> None:
    name = unique("erin")
    assert ask(server, "/api/v1/users", name, password).status_code == 201
    assert ask(server, "/api/v1/session", name, password).status_code == 201
    problem(ask(server, "/api/v1/session", name, password[:-1] + "?"), 401)


@at_both_bases
def test_a_user_is_found_by_id_and_by_name(alice: Person, bob: Person, base: str) -> None:
    by_id = alice.http.get(f"{base}/user/{bob.id}")
    assert by_id.status_code == 200
    assert by_id.json()["name"] == bob.name
    assert alice.http.get(f"{base}/user/{bob.name}").json() == by_id.json()
    assert alice.http.get(f"{base}/user/{bob.name.upper()}").json() == by_id.json()


@at_both_bases
def test_users_are_listed_by_part_of_their_name(alice: Person, bob: Person, base: str) -> None:
    found = alice.http.get(f"{base}/users", params={"name": bob.name[:-1].upper(), "limit": 500}).json()
    assert bob.id in [user["id"] for user in found]
    assert all(bob.name[:-1] in user["name"] for user in found)
    assert alice.http.get(f"{base}/users", params={"name": "nobody is called this"}).json() == []


@pytest.mark.parametrize("pattern", ["%", "_%", "\\", "b_b-"])
def test_a_searched_name_is_no_pattern(alice: Person, bob: Person, pattern: str) -> None:
    assert alice.http.get("/api/v1/users", params={"name": pattern}).json() == []


@at_both_bases
def test_the_list_of_users_is_walked_by_its_links(server: Server, alice: Person, base: str) -> None:
    family = unique("smith")
    ids = [ask(server, "/users", f"{family}.{number}").json()["user"]["id"] for number in range(3)]
    first = alice.http.get(f"{base}/users", params={"name": family, "limit": 2})
    assert [user["id"] for user in first.json()] == ids[:2]
    address = next_page(first)
    assert address is not None and address.startswith(f"{server.url}{base}/users?")
    second = alice.http.get(address)
    assert [user["id"] for user in second.json()] == ids[2:]
    assert next_page(second) is None
