"""Sessions: listed, ended on every worker at once, and only for their own user."""

import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.harness import http_client
from tests.harness.deadline import eventually
from tests.harness.people import Person, unique
from tests.harness.raw import connect, receive, request
from tests.harness.responses import at_both_bases, is_utc, problem
from tests.harness.server import Server
from tests.harness.tables import counts, execute, nothing_stored
from tests.harness.workers import is_accepted, on_each_worker, request_each_worker

COOKIE = "chat_session"


@pytest.fixture
def page(server: Server, alice: Person) -> Iterator[httpx.Client]:
    """A page of the service itself in alice's browser: it has the cookie and no token."""
    with http_client.client(server.url, cookies={COOKIE: alice.token}) as client:
        yield client


def session_of(person: Person) -> int:
    session: int = person.http.get("/api/v1/session").json()["session"]["id"]
    return session


# After the end


@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("GET", "/api/v1/session", {}),
        ("GET", "/api/v1/rooms", {}),
        ("GET", "/api/v1/messages", {}),
        ("GET", "/api/v1/subscribe?after=0&wait=0", {}),
        ("POST", "/api/v1/rooms", {"json": {"name": "after the end"}}),
        ("POST", "/api/v1/room/{room}/messages", {"json": {"text": "after the end"}}),
        ("POST", "/api/v1/user/{bob}/messages", {"json": {"text": "after the end"}}),
    ],
)
def test_after_signing_out_no_worker_answers(
    server: Server, alice: Person, bob: Person, method: str, path: str, more: dict[str, Any]
) -> None:
    room = bob.create_room()["id"]
    for answer in request_each_worker(server, alice, "POST", f"/room/{room}/messages", json={"text": "while signed in"}):
        assert answer.status_code == 201  # Every worker has known her.
    alice.sign_out()
    with nothing_stored(server.database_url):
        for answer in request_each_worker(server, alice, method, path.format(room=room, bob=bob.id), **more):
            problem(answer, 401)


def test_after_signing_out_her_streams_end_on_every_worker_and_nothing_more_comes(server: Server, alice: Person, bob: Person) -> None:
    room = bob.create_room()["id"]
    streams = on_each_worker(server, lambda: alice.stream_room(room))
    alice.sign_out()
    for answer in request_each_worker(server, bob, "POST", f"/room/{room}/messages", json={"text": "behind her back"}):
        assert answer.status_code == 201
    for stream in streams:
        frames = stream.until_closed()
        assert [frame.json() for frame in frames if frame.event == "end"] == [{"reason": "signed_out"}]
        assert b"behind her back" not in stream.body


def test_a_browser_that_signed_out_is_told_to_stop_asking(server: Server, alice: Person, bob: Person) -> None:
    alice.sign_out()
    for path in ("/api/v1/subscribe", "/messages/subscribe"):
        for stream in on_each_worker(server, lambda path=path: alice.stream(path)):  # type: ignore[misc]
            assert (stream.status, stream.body) == (204, b"")


def test_a_waiting_poll_is_answered_with_nothing_when_its_session_ends(server: Server, alice: Person, bob: Person) -> None:
    room = bob.create_room()["id"]
    head = alice.poll("/api/v1/subscribe")["cursor"]
    polls = on_each_worker(server, lambda: start_poll(server, alice, f"/room/{room}/subscribe?after={head}&wait=55"))
    eventually(lambda: bob.http.get(f"/room/{room}").json()["connections"] == len(polls))
    alice.sign_out()
    bob.post(room, "behind her back")
    for client in polls:
        with client:
            assert receive(client).json()["events"] == []


def start_poll(server: Server, person: Person, target: str) -> socket.socket:
    """A long poll that a worker has accepted and not yet answered."""
    client = connect(server)
    client.sendall(request(f"GET {target} HTTP/1.1", {"Authorization": f"Bearer {person.token}"}))
    eventually(lambda: is_accepted(server, client))
    return client


def test_an_expired_session_is_nobodys(server: Server, alice: Person) -> None:
    execute(server.database_url, "UPDATE sessions SET expires_at = now() WHERE user_id = :user", {"user": alice.id})
    for answer in request_each_worker(server, alice, "GET", "/session"):
        problem(answer, 401)


def test_an_expired_session_posts_nothing(server: Server, alice: Person, bob: Person) -> None:
    room = bob.create_room()["id"]
    for answer in request_each_worker(server, alice, "POST", f"/room/{room}/messages", json={"text": "in time"}):
        assert answer.status_code == 201
    execute(server.database_url, "UPDATE sessions SET expires_at = now() WHERE user_id = :user", {"user": alice.id})
    with nothing_stored(server.database_url):
        for answer in request_each_worker(server, alice, "POST", f"/room/{room}/messages", json={"text": "too late"}):
            problem(answer, 401)


@at_both_bases
def test_nobody_ends_anothers_session(alice: Person, bob: Person, base: str) -> None:
    problem(bob.http.delete(f"{base}/session/{session_of(alice)}"), 404)
    assert alice.http.get(f"{base}/session").status_code == 200


@pytest.mark.parametrize("session", ["0", "999999999999", "9" * 30, "mine", "-1"])
@at_both_bases
def test_a_session_that_is_not_there_is_not_found(alice: Person, base: str, session: str) -> None:
    problem(alice.http.delete(f"{base}/session/{session}"), 404)


# Granted


@at_both_bases
def test_who_is_signed_in(alice: Person, base: str) -> None:
    with alice.sign_in_again() as elsewhere:
        answer = elsewhere.http.get(f"{base}/session")
    assert answer.status_code == 200
    assert answer.json().keys() == {"user", "session"}
    assert answer.json()["user"]["id"] == alice.id
    session = answer.json()["session"]
    assert session["current"] is True and session["address"] == "127.0.0.1" and "httpx" in session["agent"]
    assert all(is_utc(session[field]) for field in ("created_at", "seen_at", "expires_at"))


def seen(server: Server, session: int) -> tuple[bool, bool]:
    """Whether that was in this minute, and whether the session ends later than a month less a day from now."""
    statement = """
        SELECT seen_at > now() - interval '1 minute', expires_at > now() + interval '29 days' FROM sessions WHERE id = :id
    """
    [(lately, late)] = execute(server.database_url, statement, {"id": session})
    return lately, late


@pytest.mark.parametrize(("ago", "written"), [("2 hours", True), ("10 minutes", False)])
def test_a_session_in_use_lasts_and_is_written_once_an_hour(server: Server, alice: Person, ago: str, written: bool) -> None:
    session = session_of(alice)
    statement = """
        UPDATE sessions SET seen_at = now() - CAST(:ago AS interval), expires_at = now() + interval '1 day' WHERE id = :id RETURNING id
    """
    execute(server.database_url, statement, {"ago": ago, "id": session})
    assert seen(server, session) == (False, False)
    assert alice.http.get("/api/v1/session").status_code == 200
    assert seen(server, session) == (written, written)


def test_a_cookie_is_a_session_too(page: httpx.Client, alice: Person) -> None:
    assert page.get("/session").json()["user"]["id"] == alice.id
    assert page.post("/rooms", json={"name": unique("by cookie")}).status_code == 201


@at_both_bases
def test_signing_out_ends_the_session_and_takes_the_cookie_away(page: httpx.Client, base: str) -> None:
    answer = page.delete(f"{base}/session")
    assert (answer.status_code, answer.content) == (204, b"")
    assert f"{COOKIE}=;" in answer.headers["Set-Cookie"] and "Max-Age=0" in answer.headers["Set-Cookie"]
    problem(page.get(f"{base}/session"), 401)


@at_both_bases
def test_one_sees_and_ends_ones_own_sessions(server: Server, alice: Person, base: str) -> None:
    with alice.sign_in_again() as phone:
        sessions = alice.http.get(f"{base}/sessions").json()
        assert [session["current"] for session in sessions] == [False, True]  # The newest first.
        assert sessions[0]["id"] == session_of(phone)
        assert alice.http.delete(f"{base}/session/{sessions[0]['id']}").status_code == 204
        for answer in request_each_worker(server, phone, "GET", f"{base}/session"):
            problem(answer, 401)
        assert [session["id"] for session in alice.http.get(f"{base}/sessions").json()] == [sessions[1]["id"]]


def test_ending_a_session_ends_its_streams_and_no_others(server: Server, alice: Person) -> None:
    with alice.sign_in_again() as phone, alice.stream("/subscribe") as kept:
        streams = on_each_worker(server, lambda: phone.stream("/subscribe"))
        assert alice.http.delete(f"/session/{session_of(phone)}").status_code == 204
        for stream in streams:
            assert stream.until_closed()[-1].event == "end"
        room = alice.create_room()["id"]
        alice.post(room, "still here")
        assert kept.next_message()["text"] == "still here"


def test_ending_a_session_is_one_event_in_the_log(server: Server, alice: Person) -> None:
    before = counts(server.database_url)["head"]
    alice.sign_out()
    hers = "SELECT kind FROM events WHERE id > :head AND sender_id = :user"  # other tests' rooms may end meanwhile
    assert [row.kind for row in execute(server.database_url, hers, {"head": before, "user": alice.id})] == ["session_ended"]


def test_two_who_end_the_same_session_at_once_end_it_once(server: Server, alice: Person) -> None:
    session = session_of(alice)
    with alice.sign_in_again() as phone:
        answers = request_each_worker(server, phone, "DELETE", f"/session/{session}")
    assert sorted(answer.status_code for answer in answers) == [204, 404]
