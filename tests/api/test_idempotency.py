"""The same request sent twice with the same Idempotency-Key posts once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.harness import http_client
from tests.harness.people import Person, unique
from tests.harness.responses import at_both_bases, problem
from tests.harness.server import Server
from tests.harness.tables import execute, nothing_stored
from tests.harness.workers import only, request_each_worker

AT_ONCE = 24


def send(person: Person, path: str, text: str, key: str) -> httpx.Response:
    return person.http.post(path, json={"text": text}, headers={"Idempotency-Key": key})


# Refused


@at_both_bases
def test_a_key_that_was_used_for_another_text_is_refused(server: Server, alice: Person, room: int, base: str) -> None:
    path, key = f"{base}/room/{room}/messages", unique("key")
    assert send(alice, path, "hi", key).status_code == 201
    with nothing_stored(server.database_url):
        problem(send(alice, path, "ho", key), 422)
    assert alice.history(room) == ["hi"]


def test_a_key_that_was_used_for_another_room_is_refused(server: Server, alice: Person, bob: Person, room: int) -> None:
    key = unique("key")
    elsewhere = [f"/room/{alice.create_room()['id']}/messages", f"/user/{bob.id}/messages"]
    assert send(alice, f"/room/{room}/messages", "hi", key).status_code == 201
    with nothing_stored(server.database_url):
        for path in elsewhere:
            problem(send(alice, path, "hi", key), 422)


@pytest.mark.parametrize("key", ["", "two words", "k" * 256, "\u00e9", "tab\tbed"], ids=str)
@at_both_bases
def test_what_is_no_key(server: Server, alice: Person, room: int, base: str, key: str) -> None:
    with nothing_stored(server.database_url):
        headers = {b"Idempotency-Key": key.encode()}
        problem(alice.http.post(f"{base}/room/{room}/messages", json={"text": "hi"}, headers=headers), 400, "Idempotency-Key")


# Posted once


@pytest.mark.parametrize("key", ["1", "k" * 255, "!~'\"\\;,%00"])
@at_both_bases
def test_a_repeated_request_is_answered_with_the_first_message(alice: Person, base: str, key: str) -> None:
    room = alice.create_room()
    first = send(alice, f"{base}/room/{room['id']}/messages", "hi", key)
    again = send(alice, f"{base}/room/{room['name']}/messages", "hi", key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.content == first.content
    assert again.headers["Location"] == first.headers["Location"]
    assert alice.history(room["id"]) == ["hi"]


@at_both_bases
def test_a_repeated_message_to_a_person_is_posted_once(alice: Person, bob: Person, base: str) -> None:
    answers = [send(alice, f"{base}/user/{to}/messages", "hi", "once") for to in (bob.id, bob.name)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    assert len(bob.http.get("/messages").json()["messages"]) == 1


def test_a_repetition_is_heard_once(alice: Person, bob: Person, room: int) -> None:
    with bob.stream_room(room) as stream:
        for _ in range(2):
            alice.post(room, "hi", key="once")
        alice.post(room, "ho")
        assert stream.messages_until("ho") == ["hi", "ho"]


def test_different_people_may_use_the_same_key(alice: Person, bob: Person, room: int) -> None:
    for person in (alice, bob):
        assert send(person, f"/room/{room}/messages", f"{person.name} here", "key").status_code == 201
    assert alice.history(room) == [f"{alice.name} here", f"{bob.name} here"]


def test_without_a_key_the_same_text_is_said_twice(alice: Person, room: int) -> None:
    assert alice.post(room, "hi")["id"] != alice.post(room, "hi")["id"]


def test_a_key_is_known_to_every_worker_and_session(server: Server, alice: Person, room: int) -> None:
    def ask(person: Person) -> list[httpx.Response]:
        once = {"Idempotency-Key": "once"}
        return request_each_worker(server, person, "POST", f"/room/{room}/messages", json={"text": "hi"}, headers=once)

    with alice.sign_in_again() as phone:
        answers = ask(alice) + ask(phone)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 3}
    assert len({answer.content for answer in answers}) == 1


def test_the_same_request_many_times_at_once_posts_once(server: Server, alice: Person, room: int) -> None:
    def ask(_: int) -> httpx.Response:
        headers = {"Authorization": f"Bearer {alice.token}", "Idempotency-Key": "once"}
        return http_client.post(f"{server.url}/room/{room}/messages", json={"text": "hi"}, headers=headers)

    events = "SELECT count(*) FROM events WHERE room_id = :room"  # of this room: other tests' rooms may end meanwhile
    before = execute(server.database_url, events, {"room": room})[0][0]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(ask, range(AT_ONCE)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: AT_ONCE - 1}
    assert len({answer.content for answer in answers}) == 1
    assert execute(server.database_url, events, {"room": room})[0][0] == before + 1


def test_different_texts_under_one_key_at_once_post_one_of_them(server: Server, alice: Person, room: int) -> None:
    def ask(number: int) -> httpx.Response:
        headers = {"Authorization": f"Bearer {alice.token}", "Idempotency-Key": "once"}
        text = {"text": f"text {number}"}
        return http_client.post(f"{server.url}/room/{room}/messages", json=text, headers=headers)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(ask, range(AT_ONCE)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 422: AT_ONCE - 1}
    assert len(alice.history(room)) == 1


def test_a_key_outlives_the_worker_that_took_it(mended_server: Server, dora: Person) -> None:
    room = dora.create_room()["id"]
    path, headers = f"{mended_server.url}/room/{room}/messages", {"Authorization": f"Bearer {dora.token}", "Idempotency-Key": "once"}
    victim = mended_server.worker_pids()[0]
    with only(mended_server, victim):
        first = http_client.post(path, json={"text": "hi"}, headers=headers)
    mended_server.kill_worker(victim)
    mended_server.wait_until_whole()
    assert victim not in mended_server.worker_pids()
    again = http_client.post(path, json={"text": "hi"}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
