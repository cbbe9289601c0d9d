"""Changing the password takes the current one. Every other session ends, on every worker."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from chat.services.rate_limits import BY_NAME
from tests.harness import http_client
from tests.harness.deadline import eventually
from tests.harness.people import PASSWORD, Person
from tests.harness.responses import BASES, at_both_bases, problem
from tests.harness.server import Server
from tests.harness.tables import counts, execute, locked, nothing_stored
from tests.harness.workers import on_each_worker, request_each_worker

NEW = "a horse of another colour"
AT_ONCE = 8


@pytest.fixture(scope="module")
def module_options() -> dict[str, Any]:
    """Behind a proxy that sets the client's address."""
    return {"settings": {"PROXY_HOPS": "1"}}


def change(
    person: Person, password: object = PASSWORD, new: object = NEW, base: str = "/api/v1", address: str = "192.0.2.1"
) -> httpx.Response:
    headers = {"X-Forwarded-For": address}
    return person.http.put(f"{base}/password", json={"password": password, "new_password": new}, headers=headers)


def sign_in(server: Server, person: Person, password: str, address: str = "192.0.2.2") -> httpx.Response:
    return http_client.post(f"{server.url}/session", json={"name": person.name, "password": password}, headers={"X-Forwarded-For": address})


def still_has(server: Server, person: Person, password: str = PASSWORD) -> bool:
    return sign_in(server, person, password).status_code == 201


# Refused


@at_both_bases
def test_nobody_who_is_not_signed_in_changes_a_password(server: Server, base: str) -> None:
    problem(http_client.request("PUT", f"{server.url}{base}/password", json={"password": PASSWORD, "new_password": NEW}), 401)


def test_a_wrong_password_changes_nothing(server: Server, alice: Person, bob: Person) -> None:
    with alice.sign_in_again() as elsewhere:
        with nothing_stored(server.database_url):
            for base in BASES:
                problem(change(alice, "not hers", base=base), 403)
            problem(change(alice, ""), 403)
            problem(change(alice, "\0"), 403)
            assert elsewhere.http.get("/session").status_code == 200
        assert still_has(server, alice)


@pytest.mark.parametrize("new", ["", "short", "x" * 201, 7, None])
def test_a_new_password_is_as_any_other(server: Server, alice: Person, new: object) -> None:
    problem(change(alice, new=new), 400, "new_password")
    assert still_has(server, alice)


def test_both_passwords_are_asked_for(alice: Person) -> None:
    problem(alice.http.put("/password", json={"new_password": NEW}), 400, "password")
    problem(alice.http.put("/password", json={"password": PASSWORD}), 400, "new_password")
    problem(alice.http.put("/password", json={"password": PASSWORD, "new_password": NEW, "user": 1}), 400, "user")


def test_no_foreign_page_changes_it_with_a_cookie(server: Server, alice: Person) -> None:
    headers = {"Cookie": f"chat_session={alice.token}", "Sec-Fetch-Site": "cross-site"}
    body = {"password": PASSWORD, "new_password": NEW}
    problem(http_client.request("PUT", f"{server.url}/password", json=body, headers=headers), 403)
    assert still_has(server, alice)


def test_who_has_a_session_guesses_so_often_and_no_more(untried_server: Server) -> None:
    """Each guess from another address: the name is throttled, here and at sign-in, on every worker."""
    with Person.signed_in(untried_server, "alice") as alice:
        for number in range(BY_NAME.amount):
            problem(change(alice, "a guess", address=f"198.51.100.{number}"), 403)
        for answer in on_each_worker(untried_server, lambda: change(signed_in_as(alice))):
            problem(answer, 429)
            assert 0 < int(answer.headers["Retry-After"]) <= BY_NAME.get_expiry()
        for answer in on_each_worker(untried_server, lambda: sign_in(untried_server, alice, PASSWORD)):
            problem(answer, 429)
        assert alice.http.get("/session").status_code == 200


def signed_in_as(person: Person) -> Person:
    """The same session on a connection of its own."""
    http = http_client.client(str(person.http.base_url))
    return Person.with_token(http, {"id": person.id, "name": person.name}, person.token)


def test_guesses_at_signing_in_count_here_too(untried_server: Server) -> None:
    with Person.signed_in(untried_server, "alice") as alice:
        for number in range(BY_NAME.amount):
            problem(sign_in(untried_server, alice, "a guess", f"198.51.100.{number}"), 401)
        problem(change(alice), 429)


# Changed


@at_both_bases
def test_one_signs_in_with_the_new_password_and_with_no_other(server: Server, alice: Person, base: str) -> None:
    answer = change(alice, base=base)
    assert (answer.status_code, answer.content) == (204, b"")
    for refused in on_each_worker(server, lambda: sign_in(server, alice, PASSWORD)):
        problem(refused, 401)
    for taken in on_each_worker(server, lambda: sign_in(server, alice, NEW)):
        assert taken.status_code == 201


def test_a_change_that_went_well_counts_against_nobody(untried_server: Server) -> None:
    with Person.signed_in(untried_server, "alice") as alice:
        for number in range(BY_NAME.amount + 2):
            present, new = (PASSWORD, NEW) if number % 2 == 0 else (NEW, PASSWORD)
            assert change(alice, present, new).status_code == 204


def test_all_other_sessions_end_on_every_worker_and_this_one_stays(server: Server, alice: Person, bob: Person) -> None:
    others = [alice.sign_in_again() for _ in range(3)]
    assert change(alice).status_code == 204
    for other in others:
        with other:
            for method, path in (("GET", "/session"), ("GET", "/rooms"), ("POST", f"/user/{bob.id}/messages")):
                for answer in request_each_worker(server, other, method, path, json={"text": "still me"} if method == "POST" else None):
                    problem(answer, 401)
    for answer in request_each_worker(server, alice, "GET", "/sessions"):
        assert [session["current"] for session in answer.json()] == [True]


def test_a_session_that_a_worker_knew_a_moment_ago_posts_no_more(server: Server, alice: Person, bob: Person) -> None:
    with alice.sign_in_again() as other:
        for answer in request_each_worker(server, other, "POST", f"/user/{bob.id}/messages", json={"text": "me"}):
            assert answer.status_code == 201
        assert change(alice).status_code == 204
        for answer in request_each_worker(server, other, "POST", f"/user/{bob.id}/messages", json={"text": "not me"}):
            problem(answer, 401)


def test_their_streams_end_at_once_on_every_worker_and_hers_goes_on(server: Server, alice: Person, bob: Person) -> None:
    room = bob.create_room()["id"]
    with alice.sign_in_again() as other:
        ending = on_each_worker(server, lambda: other.stream_room(room))
        staying = on_each_worker(server, lambda: alice.stream_room(room))
        assert change(alice).status_code == 204
        bob.post(room, "behind their back")
        for stream in ending:
            with stream:
                ends = [frame.json() for frame in stream.until_closed() if frame.event == "end"]
                assert ends == [{"reason": "password_changed"}]
                assert b"behind their back" not in stream.body
        for stream in staying:
            with stream:
                assert stream.next_message()["text"] == "behind their back"


def test_nobody_elses_session_ends(server: Server, alice: Person, bob: Person) -> None:
    with bob.sign_in_again() as other, bob.stream("/subscribe") as stream:
        assert change(alice).status_code == 204
        proof = alice.write_to(bob.id, "new password, same me")
        assert stream.messages_through(proof["id"]) == ["new password, same me"]
        assert other.http.get("/session").status_code == 200


def test_each_ended_session_is_one_event_in_a_log_without_a_hole(server: Server, alice: Person) -> None:
    others = [alice.sign_in_again() for _ in range(3)]
    ended = {
        execute(server.database_url, "SELECT max(id) FROM sessions WHERE user_id = :user", {"user": alice.id})[0][0] - n for n in range(3)
    }
    assert len(others) == len(ended) == 3
    assert change(alice).status_code == 204
    rows = execute(server.database_url, "SELECT id, session_id, reason FROM events WHERE sender_id = :user", {"user": alice.id})
    assert {row.session_id for row in rows} == ended and {row.reason for row in rows} == {"password_changed"}
    assert max(row.id for row in rows) - min(row.id for row in rows) == 2
    assert counts(server.database_url)["head"] >= max(row.id for row in rows)


def test_of_many_changes_at_once_one_is_made(server: Server, alice: Person) -> None:
    """The others sent the password that was current then, and is not when their requests run."""
    sessions = [alice.sign_in_again() for _ in range(AT_ONCE)]
    passwords = [f"{NEW} {number}" for number in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda each: change(each[0], new=each[1]).status_code, zip(sessions, passwords, strict=True)))
    assert answers.count(204) == 1 and set(answers) <= {204, 401, 403}, answers
    assert still_has(server, alice, passwords[answers.index(204)])
    alive = [session.http.get("/session").status_code for session in sessions]
    assert [status == 200 for status in alive] == [status == 204 for status in answers]


def test_who_signs_in_meanwhile_with_the_old_password_does_not_stay(server: Server, alice: Person) -> None:
    """Signing in is held up between the password check and the new session, and the change comes in between."""
    answers: list[httpx.Response] = []
    with locked(server.database_url, "sessions"):
        late = threading.Thread(target=lambda: answers.append(sign_in(server, alice, PASSWORD)))
        late.start()
        waiting_for_sessions(server)
        execute(server.database_url, "UPDATE users SET password_hash = 'another' WHERE id = :user", {"user": alice.id})
    late.join(timeout=20)
    problem(answers[0], 401)


def waiting_for_sessions(server: Server) -> None:
    query = "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE c.relname = 'sessions' AND NOT l.granted"
    eventually(lambda: execute(server.database_url, query)[0][0] > 0)
