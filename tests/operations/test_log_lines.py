"""What the service logs: one form for gunicorn's lines and its own, and one line for a fault, however often it happens."""

import json
import re
from typing import Any

import pytest

from chat.embedded import Valkey
from tests.harness.backends import own_valkey
from tests.harness.deadline import eventually
from tests.harness.people import Person
from tests.harness.server import Server, ServerEnded

LINE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (?P<level>[A-Z]+)"
    r" \[(?P<process>\d+) (?P<worker>-|\d+)\] (?P<logger>[\w.]+): (?P<message>.+)"
)
LOST = "the log is away"


def lines(server: Server) -> list[re.Match[str]]:
    """All of them: each must have the form."""
    found = [LINE.fullmatch(line) for line in server.log().splitlines()]
    assert all(found), server.log()
    return [line for line in found if line]


def json_lines(server: Server) -> list[dict[str, Any]]:
    return [json.loads(line) for line in server.log().splitlines()]


def test_every_line_says_when_how_grave_and_who(fresh_server: Server, valkey: Valkey) -> None:
    valkey.kill()
    eventually(lambda: LOST in fresh_server.log())
    by_gunicorn = [line for line in lines(fresh_server) if line["logger"] == "gunicorn.error"]
    by_the_service = [line for line in lines(fresh_server) if line["logger"].startswith("chat.")]
    assert {line["worker"] for line in by_gunicorn} == {"-", "1", "2"}
    assert {int(line["process"]) for line in by_the_service} <= set(fresh_server.worker_pids())
    assert {line["level"] for line in by_the_service} == {"WARNING"}


def test_a_program_reads_json(database_url: str, valkey: Valkey) -> None:
    with Server(database_url, valkey.url, settings={"LOG_FORMAT": "json"}) as server:
        valkey.kill()
        eventually(lambda: LOST in server.log())
        written = json_lines(server)
        assert {line["logger"] for line in written} > {"gunicorn.error", "chat.live.follower"}
        fields = {"time", "level", "process", "worker", "logger", "message"}
        assert all(fields <= line.keys() for line in written)


def test_the_level_reaches_the_service(database_url: str, valkey: Valkey) -> None:
    with Server(database_url, valkey.url, settings={"LOG_LEVEL": "debug"}) as server, Person.signed_in(server, "dora") as dora:
        assert dora.http.get("/api/v1/rooms", headers={"X-Fold": "a"}).status_code == 200
        valkey.kill()
        eventually(lambda: any(line["level"] == "DEBUG" and line["logger"].startswith("chat.") for line in lines(server)))


def test_a_level_that_does_not_exist_stops_the_start(database_url: str, redis_url: str) -> None:
    server = Server(database_url, redis_url, settings={"LOG_LEVEL": "loud"})
    with pytest.raises(ServerEnded, match="LOG_LEVEL: is one of info, debug, warning, error, critical, not 'loud'"):
        server.start()


def test_repeats_of_a_fault_are_one_line_and_a_count(database_url: str) -> None:
    """The worker is told to stop, so the minute need not be waited for."""
    with own_valkey() as valkey, Server(database_url, valkey.url, workers=1) as server:
        with Person.signed_in(server, "dora") as dora:
            room = dora.create_room()["id"]
            valkey.kill()
            for number in range(5):
                dora.post(room, f"message {number}")
        eventually(lambda: LOST in server.log())
        server.stop()
        posts = [line["message"] for line in lines(server) if "not appended" in line["message"]]
    assert len(posts) == 2, posts
    assert re.search(r"\(\d+ times more in \d+ s\)$", posts[1])
