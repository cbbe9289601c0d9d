"""A cursor, a limit or a wait that cannot be one is a 400 that names the parameter."""

import pytest

from tests.harness.people import Person
from tests.harness.responses import BASES, problem

pytestmark = pytest.mark.usefixtures("nothing_is_stored")

LARGEST_ID = 2**63 - 1
BAD_NUMBERS = ["x", "", "-1", "1.5", "1e3", "0x10", " 1", "+1", "9" * 30, str(LARGEST_ID + 1), "\u0661", "null", "1,2", "\0"]
HISTORIES = ["/room/{room}/messages", "/user/{user}/messages", "/messages"]
STREAMS = ["/room/{room}/subscribe", "/messages/subscribe", "/subscribe"]


@pytest.mark.parametrize("number", BAD_NUMBERS)
@pytest.mark.parametrize("field", ["after", "before", "limit"])
def test_what_is_no_place_in_history(erin: Person, places: dict[str, object], field: str, number: str) -> None:
    for path in HISTORIES:
        problem(erin.http.get(path.format(**places), params={field: number}), 400, field)


@pytest.mark.parametrize("number", BAD_NUMBERS)
@pytest.mark.parametrize("field", ["after", "limit"])
def test_what_is_no_place_in_a_list(erin: Person, field: str, number: str) -> None:
    for path in ("/users", "/rooms"):
        problem(erin.http.get(path, params={field: number}), 400, field)


@pytest.mark.parametrize("limit", ["0", "501", "500000"])
def test_a_limit_out_of_bounds(erin: Person, places: dict[str, object], limit: str) -> None:
    for path in (*HISTORIES, "/users", "/rooms"):
        problem(erin.http.get(path.format(**places), params={"limit": limit}), 400, "limit")


def test_before_and_after_at_once(erin: Person, places: dict[str, object]) -> None:
    for path in HISTORIES:
        problem(erin.http.get(path.format(**places), params={"before": 5, "after": 1}), 400, "before")


@pytest.mark.parametrize("number", BAD_NUMBERS)
@pytest.mark.parametrize("accept", ["text/event-stream", "application/json"])
def test_what_is_no_cursor(erin: Person, places: dict[str, object], accept: str, number: str) -> None:
    for base in BASES:
        for path in STREAMS:
            problem(erin.http.get(base + path.format(**places), params={"after": number}, headers={"Accept": accept}), 400, "after")


@pytest.mark.parametrize("number", ["x", "-1", "1.5", "9" * 30, str(LARGEST_ID + 1), "\u00e9", "17;18"])
@pytest.mark.parametrize("accept", ["text/event-stream", "application/json"])
def test_what_is_no_last_event_id(erin: Person, places: dict[str, object], accept: str, number: str) -> None:
    for path in STREAMS:
        headers = {b"Accept": accept.encode(), b"Last-Event-ID": number.encode()}
        problem(erin.http.get(path.format(**places), headers=headers), 400, "Last-Event-ID")


@pytest.mark.parametrize("wait", ["x", "", "-1", "56", "1.5", "9" * 30, "\u0661"])
def test_what_is_no_wait(erin: Person, places: dict[str, object], wait: str) -> None:
    for path in STREAMS:
        problem(erin.http.get(path.format(**places), params={"wait": wait}), 400, "wait")


@pytest.mark.parametrize("room", ["999999999999", "9" * 30, "no such room", "", "\0", "\u0661"])
@pytest.mark.parametrize("accept", ["text/event-stream", "application/json"])
def test_subscribing_to_a_room_that_is_not_there(erin: Person, places: dict[str, object], accept: str, room: str) -> None:
    problem(erin.http.get("/subscribe", params={"room": [str(places["room"]), room]}, headers={"Accept": accept}), 404)
