"""Health checks and metrics, as an operator's machinery reads them."""

import httpx
import pytest

from chat.embedded import Valkey
from tests.harness import http_client
from tests.harness.deadline import eventually
from tests.harness.people import Person
from tests.harness.responses import problem
from tests.harness.server import Server
from tests.harness.tables import execute, locked
from tests.harness.workers import on_each_worker


def get(server: Server, path: str, token: str | None = None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return http_client.get(server.url + path, headers=headers)


def everywhere(server: Server, path: str) -> list[int]:
    return on_each_worker(server, lambda: get(server, path).status_code)


# Refused


@pytest.mark.parametrize("token", [None, "wrong", "metric", "metrics!", "\u00e9".encode().decode("latin-1")])
def test_figures_are_for_whoever_has_the_token(server: Server, token: str | None) -> None:
    headers = {"Authorization": f"Bearer {token}".encode("latin-1")} if token else {}
    problem(http_client.get(f"{server.url}/metrics", headers=headers), 401)


def test_a_session_is_no_token_for_figures(alice: Person) -> None:
    problem(alice.http.get("/metrics"), 401)


def test_where_no_token_is_set_there_are_no_figures(database_url: str, redis_url: str) -> None:
    with Server(database_url, redis_url, workers=1, settings={"METRICS_TOKEN": ""}) as bare:
        problem(get(bare, "/metrics"), 404)
        problem(get(bare, "/metrics", "metrics"), 404)


def test_a_worker_that_does_not_hear_what_is_committed_is_not_ready(fresh_server: Server) -> None:
    """The counter says that there is more, and no worker can come by it."""
    assert everywhere(fresh_server, "/readyz") == [200, 200]
    with locked(fresh_server.database_url, "events"):
        execute(fresh_server.database_url, "UPDATE log SET head = head + 1")
        assert everywhere(fresh_server, "/readyz") == [503, 503]
        assert everywhere(fresh_server, "/healthz") == [200, 200]


def test_an_id_whose_row_is_gone_keeps_no_worker_from_being_ready(fresh_server: Server) -> None:
    """As when the room of the newest event is deleted: there is nothing left to hear."""
    execute(fresh_server.database_url, "UPDATE log SET head = head + 1")
    eventually(lambda: [get(fresh_server, "/readyz").status_code for _ in range(4)] == [200] * 4)


# Answered


def test_a_process_that_answers_is_alive(server: Server) -> None:
    assert everywhere(server, "/healthz") == [200, 200]


def test_a_worker_that_hears_the_log_is_ready(server: Server, alice: Person) -> None:
    alice.post(alice.create_room()["id"], "hi")
    for answer in on_each_worker(server, lambda: get(server, "/readyz")):
        assert answer.status_code == 200
        assert answer.json()["heard"] >= answer.json()["head"] > 0


def test_without_redis_a_worker_is_ready_for_it_hears_the_database(fresh_server: Server, valkey: Valkey) -> None:
    valkey.stop()
    with Person.sign_up(fresh_server.url, "alice") as alice:
        alice.post(alice.create_room()["id"], "hi")
    assert everywhere(fresh_server, "/readyz") == [200, 200]


def test_figures_are_of_all_workers_together(server: Server, alice: Person) -> None:
    room = alice.create_room()["id"]
    before = figure(server, "chat_streams")
    streams = on_each_worker(server, lambda: alice.stream_room(room))
    eventually(lambda: all(figure(server, name) >= before + 2 for name in ("chat_streams", "chat_sockets")))
    posts = figure(server, "chat_posts_total")
    alice.post(room, "hi")
    eventually(lambda: figure(server, "chat_posts_total") == posts + 1)
    for stream in streams:
        stream.close()


def test_what_has_gone_is_counted_no_more(fresh_server: Server) -> None:
    with Person.signed_in(fresh_server, "alice") as alice:
        streams = [alice.stream("/subscribe") for _ in range(10)]
        eventually(lambda: figure(fresh_server, "chat_streams") == 10)
        for stream in streams:
            stream.close()
    eventually(lambda: figure(fresh_server, "chat_streams") == figure(fresh_server, "chat_sockets") == 0)


def test_a_killed_worker_is_counted_no_more(fresh_server: Server) -> None:
    with Person.signed_in(fresh_server, "alice") as alice:
        streams = on_each_worker(fresh_server, lambda: alice.stream("/subscribe"))
        eventually(lambda: figure(fresh_server, "chat_streams") == len(streams))
    fresh_server.kill_worker(fresh_server.worker_pids()[0])
    eventually(lambda: figure(fresh_server, "chat_streams") <= 1)


def figure(server: Server, name: str) -> float:
    """A metric's value, over all its labels."""
    answer = get(server, "/metrics", "metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    lines = [line for line in answer.text.splitlines() if line.split("{")[0].split(" ")[0] == name]
    assert lines, f"{name} is not in {answer.text}"
    return sum(float(line.split(" ")[1]) for line in lines)
