"""The long poll as API.md has it: for clients without EventSource, which lose and repeat nothing either."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from tests.harness.deadline import eventually
from tests.harness.people import Person
from tests.harness.server import Server

AT_ONCE_SECONDS = 10  # far from `LONGEST`: an answer within it did not wait
LONGEST = 55
INBOX = "/api/v1/messages/subscribe"
ALL = "/api/v1/subscribe"


def subscribe(room: int | str) -> str:
    return f"/api/v1/room/{room}/subscribe"


def texts(polled: dict[str, Any]) -> list[str]:
    return [event["text"] for event in polled["events"] if event["kind"] == "message"]


def polled_at_once(person: Person, path: str, **query: Any) -> dict[str, Any]:
    """An answer that did not wait, although it was allowed to."""
    answer = person.http.get(path, params={"wait": LONGEST, **query}, timeout=AT_ONCE_SECONDS)
    assert answer.status_code == 200, answer.text
    polled: dict[str, Any] = answer.json()
    assert set(polled) - {"reset"} == {"events", "cursor"}
    return polled


def heard(person: Person, room: int, event_id: int) -> None:
    """The worker that this person's connection goes to has heard of the event: 201 says that it is committed, which is earlier."""
    eventually(lambda: person.poll(subscribe(room), after=event_id - 1, wait=0)["events"])


@pytest.fixture
def aside() -> Iterator[ThreadPoolExecutor]:
    """Where somebody waits while the test goes on."""
    with ThreadPoolExecutor() as threads:
        yield threads


def waiting(aside: ThreadPoolExecutor, person: Person, room: int, after: int, wait: int = LONGEST) -> Future[dict[str, Any]]:
    """A poll that is open at the server: the room counts its connection."""
    polled = aside.submit(person.poll, subscribe(room), after, wait)
    eventually(lambda: person.http.get(f"/api/v1/room/{room}").json()["connections"] == 1)
    assert not polled.done()
    return polled


# At once


def test_without_a_cursor_it_answers_at_once_with_the_newest_and_no_events(alice: Person, room: int) -> None:
    newest = alice.post(room, "before")["id"]
    assert polled_at_once(alice, subscribe(room)) == {"events": [], "cursor": newest}


def test_what_is_newer_than_the_cursor_comes_at_once(alice: Person, bob: Person, room: int) -> None:
    first, *rest = [bob.post(room, text) for text in ("one", "two", "three")]
    heard(alice, room, rest[-1]["id"])
    polled = polled_at_once(alice, subscribe(room), after=first["id"])
    assert polled == {"events": rest, "cursor": rest[-1]["id"]}


def test_the_header_is_a_cursor_here_too(alice: Person, room: int) -> None:
    first, second = alice.post(room, "one"), alice.post(room, "two")
    heard(alice, room, second["id"])
    answer = alice.http.get(subscribe(room), params={"after": 0}, headers={"Last-Event-ID": str(first["id"])})
    assert answer.json()["events"] == [second]


def test_wait_0_never_waits(alice: Person, room: int) -> None:
    newest = alice.post(room, "before")["id"]
    assert polled_at_once(alice, subscribe(room), after=newest, wait=0) == {"events": [], "cursor": newest}


def test_a_cursor_beyond_the_newest_id_comes_back_with_the_newest(alice: Person, room: int) -> None:
    newest = alice.post(room, "before")["id"]
    assert polled_at_once(alice, subscribe(room), after=newest + 1_000_000) == {"events": [], "cursor": newest, "reset": True}


def test_an_answer_is_json_that_nobody_keeps(alice: Person, room: int) -> None:
    for after in (0, alice.poll(subscribe(room))["cursor"]):
        answer = alice.http.get(subscribe(room), params={"after": after, "wait": 1})
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "no-store"


def test_what_is_owed_comes_in_answers_of_at_most_500_events_without_a_gap(alice: Person, room: int) -> None:
    posted = [alice.post(room, f"message {number}")["id"] for number in range(510)]
    answers = answers_until(alice, room, posted[0] - 1, posted[-1])
    assert len(answers) > 1
    assert all(0 < len(ids) <= 500 for ids in answers)
    assert [event_id for ids in answers for event_id in ids] == posted


def test_long_messages_come_in_several_answers_without_a_gap(alice: Person, room: int) -> None:
    posted = [alice.post(room, "long " * 3000)["id"] for _ in range(20)]
    answers = answers_until(alice, room, posted[0] - 1, posted[-1])
    assert len(answers) > 1
    assert [event_id for ids in answers for event_id in ids] == posted


def answers_until(person: Person, room: int, cursor: int, last: int) -> list[list[int]]:
    """The ids of each answer; the cursor that an answer gives is the last of them."""
    answers = []
    while cursor < last:
        polled = polled_at_once(person, subscribe(room), after=cursor)
        answers.append([event["id"] for event in polled["events"]])
        cursor = polled["cursor"]
        assert cursor == answers[-1][-1]
    return answers


# Waiting


def test_whoever_waits_is_answered_when_something_comes(alice: Person, bob: Person, room: int, aside: ThreadPoolExecutor) -> None:
    polled = waiting(aside, alice, room, alice.poll(subscribe(room))["cursor"])
    posted = bob.post(room, "hello")
    assert polled.result(AT_ONCE_SECONDS) == {"events": [posted], "cursor": posted["id"]}


def test_what_is_posted_elsewhere_answers_nobody(alice: Person, bob: Person, room: int, aside: ThreadPoolExecutor) -> None:
    other = bob.create_room()["id"]
    polled = waiting(aside, alice, room, alice.poll(subscribe(room))["cursor"])
    bob.post(other, "elsewhere")
    bob.write_to(alice.id, "directly")
    posted = bob.post(room, "here")
    assert polled.result(AT_ONCE_SECONDS)["events"] == [posted]


def test_an_answered_poll_is_no_connection_of_the_room_any_more(alice: Person, room: int, aside: ThreadPoolExecutor) -> None:
    polled = waiting(aside, alice, room, alice.poll(subscribe(room))["cursor"])
    alice.post(room, "hello")
    polled.result(AT_ONCE_SECONDS)
    eventually(lambda: alice.http.get(f"/api/v1/room/{room}").json()["connections"] == 0)


def test_when_the_wait_is_over_the_answer_is_empty_and_has_a_cursor(alice: Person, room: int) -> None:
    cursor = alice.poll(subscribe(room))["cursor"]
    assert alice.poll(subscribe(room), after=cursor, wait=1) == {"events": [], "cursor": cursor}


def test_the_cursor_of_an_empty_answer_passes_over_what_is_not_for_the_caller(alice: Person, bob: Person, room: int) -> None:
    """A client in quiet rooms does not fall behind the tail."""
    cursor = alice.poll(subscribe(room))["cursor"]
    newest = bob.post(bob.create_room()["id"], "elsewhere")["id"]
    eventually(lambda: alice.poll(subscribe(room), after=cursor, wait=1)["cursor"] >= newest)


def test_the_cursor_never_goes_back(alice: Person, bob: Person, room: int) -> None:
    """Also where the next call meets a worker that has not heard as much."""
    other, cursor = bob.create_room()["id"], 0
    for number in range(60):
        posted = bob.post(other if number % 2 else room, "hello")["id"]
        with alice.http.stream("GET", subscribe(room), params={"after": cursor, "wait": 0}, headers={"Connection": "close"}) as answer:
            answer.read()
        polled = answer.json()
        assert polled["cursor"] >= cursor
        cursor = max(posted, polled["cursor"])


def test_polling_misses_nothing_and_repeats_nothing_while_others_post(
    alice: Person, room: int, server: Server, aside: ThreadPoolExecutor
) -> None:
    cursor = alice.poll(subscribe(room))["cursor"]
    ids: list[int] = []
    with Person.signed_in(server, "bob") as bob, Person.signed_in(server, "carol") as carol:
        posting = [aside.submit(lambda poster: [poster.post(room, "hello")["id"] for _ in range(40)], poster) for poster in (bob, carol)]
        while len(ids) < 80:
            polled = alice.poll(subscribe(room), after=cursor, wait=10)
            assert polled["events"], f"{len(ids)} of 80 came"
            ids += [event["id"] for event in polled["events"]]
            cursor = polled["cursor"]
        assert ids == sorted(event_id for posted in posting for event_id in posted.result())


def test_direct_messages_are_polled_for_too(alice: Person, bob: Person) -> None:
    cursor = alice.poll(INBOX)["cursor"]
    written, answered = bob.write_to(alice.id, "hello"), alice.write_to(bob.id, "hello yourself")
    assert polled_at_once(alice, INBOX, after=cursor)["events"] == [written]
    eventually(lambda: polled_at_once(alice, ALL, after=cursor)["events"] == [written, answered])


def test_all_of_ones_rooms_and_named_ones_are_polled_on_one_connection(alice: Person, bob: Person, room: int) -> None:
    named, unnamed = bob.create_room(), bob.create_room()
    cursor = alice.poll(ALL)["cursor"]
    for target in (room, unnamed["id"], named["id"]):
        bob.post(target, f"to {target}")
    wanted = [f"to {room}", f"to {named['id']}"]
    eventually(lambda: texts(alice.poll(ALL, after=cursor, wait=0, room=named["name"])) == wanted)


def test_a_room_that_alice_makes_from_her_phone_answers_her_poll(alice: Person, aside: ThreadPoolExecutor) -> None:
    room = alice.create_room()["id"]
    cursor = alice.poll(ALL)["cursor"]
    polled = aside.submit(alice.poll, ALL, cursor, LONGEST)
    eventually(lambda: alice.http.get(f"/api/v1/room/{room}").json()["connections"] == 1)
    made = alice.create_room()["id"]
    [join] = polled.result(AT_ONCE_SECONDS)["events"]
    assert (join["kind"], join["room"]["id"]) == ("join", made)


def test_the_events_are_the_same_objects_as_on_a_stream(alice: Person, bob: Person) -> None:
    cursor = alice.poll(ALL)["cursor"]
    room = alice.create_room()["id"]
    bob.post(room, "hello")
    newest = bob.write_to(alice.id, "directly")["id"]
    with alice.stream(ALL, last_event_id=cursor) as stream:
        frames = stream.until(lambda frame: frame.id == newest and frame.is_message)
    streamed = [frame.json() for frame in frames if frame.event in ("join", "message")]
    assert len(streamed) == 3
    eventually(lambda: alice.poll(ALL, after=cursor, wait=0)["events"] == streamed)


def test_whoever_signs_out_waits_no_longer(alice: Person, room: int, aside: ThreadPoolExecutor) -> None:
    with alice.sign_in_again() as phone:
        cursor = phone.poll(subscribe(room))["cursor"]
        polled = waiting(aside, phone, room, cursor)
        with alice.http.stream("GET", "/api/v1/sessions") as answer:
            answer.read()
        [session] = [session["id"] for session in answer.json() if not session["current"]]
        assert alice.http.delete(f"/api/v1/session/{session}").status_code == 204
        assert polled.result(AT_ONCE_SECONDS)["events"] == []
        assert phone.http.get(subscribe(room), params={"after": cursor}).status_code == 401


# Refused


@pytest.mark.parametrize("wait", ["-1", "56", "1.5", "soon", "", "1e1"])
def test_a_wait_outside_0_to_55_whole_seconds_is_400(alice: Person, room: int, wait: str) -> None:
    answer = alice.http.get(subscribe(room), params={"after": 0, "wait": wait})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "wait")


@pytest.mark.parametrize("cursor", ["abc", "-1", "1.5", "", "9223372036854775808"])
def test_a_cursor_that_is_not_a_number_is_400(alice: Person, room: int, cursor: str) -> None:
    answer = alice.http.get(subscribe(room), params={"after": cursor, "wait": 0})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "after")


def test_a_room_that_is_not_there_is_404(alice: Person) -> None:
    assert alice.http.get(subscribe("no-such-room"), params={"wait": 0}).status_code == 404


def test_nobody_polls_without_having_signed_in(server: Server, alice: Person) -> None:
    with Person.signed_in(server, "stranger") as stranger:
        del stranger.http.headers["Authorization"]
        assert stranger.http.get(ALL, params={"wait": 0}).status_code == 401
