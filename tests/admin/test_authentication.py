"""The administration refuses requests without a key, or with a wrong key, a revoked one, or one of another scope."""

import httpx
import psycopg2
import pytest
from sqlalchemy.exc import DBAPIError

from chat.services.rate_limits import WRONG_KEYS
from tests.harness import http_client
from tests.harness.operator import BASE, Operator, make_key, run_key
from tests.harness.people import Person
from tests.harness.responses import problem
from tests.harness.server import Server
from tests.harness.tables import execute, nothing_stored

ADMIN_CALLS = [
    ("GET", "/rooms"),
    ("DELETE", "/room/lobby"),
    ("POST", "/announcements"),
    ("GET", "/users"),
    ("PUT", "/user/alice/ban"),
    ("DELETE", "/user/alice/ban"),
    ("DELETE", "/user/alice/sessions"),
    ("GET", "/streams"),
    ("GET", "/figures"),
    ("GET", "/audit"),
    ("POST", "/stop"),
]
CALLS = [*ADMIN_CALLS, ("GET", "/"), ("POST", "/room/lobby"), ("GET", "/room/lobby"), ("GET", "/nowhere")]


def doors(server: Server) -> list[str]:
    """Where the administration is reached."""
    return [server.admin_url + BASE, f"{server.url}/admin{BASE}"]


def test_nothing_answers_without_a_key(server: Server, alice: Person) -> None:
    signed_in = {"Authorization": f"Bearer {alice.token}"}
    with nothing_stored(server.database_url), http_client.client() as http:
        for door in doors(server):
            for method, path in CALLS:
                problem(http.request(method, door + path), 401)
                problem(http.request(method, door + path, headers=signed_in), 401)


def test_a_wrong_key_and_one_that_has_ended_are_refused_alike(server: Server) -> None:
    ended = make_key(server)
    for door in doors(server):
        assert http_client.get(f"{door}/rooms", headers={"X-API-Key": ended["key"]}).status_code == 200
    assert run_key(server, "end", str(ended["id"])).exit_code == 0

    said = [
        problem(http_client.get(f"{door}/rooms", headers={"X-API-Key": key}), 401)
        for door in doors(server)
        for key in (ended["key"], "chat_admin_" + "x" * 43, ended["key"][:-1])
    ]

    assert all(document == said[0] for document in said)


def test_a_key_for_rooms_is_for_nothing_else(server: Server) -> None:
    program = Operator(server, scope="rooms")
    with nothing_stored(server.database_url):
        for method, path in ADMIN_CALLS:
            assert "scope" in problem(program.request(method, path), 403)["detail"]
    assert program.call("GET", "/")["app"] == "Admin chatserver"


def test_on_the_public_listener_the_administration_is_under_its_prefix_only(server: Server, olga: Operator) -> None:
    with nothing_stored(server.database_url), http_client.client(server.url, headers=olga.headers) as http:
        for method, path in ADMIN_CALLS:
            for address in (BASE + path, path):
                assert http.request(method, address).status_code in (401, 404, 405), address
    assert http_client.get(f"{server.url}{BASE}/", headers=olga.headers).json()["data"]["app"] == "chatserver"


def test_on_its_own_listener_there_is_nothing_but_the_administration(server: Server, olga: Operator) -> None:
    with http_client.client(server.admin_url, headers=olga.headers) as http:
        for path in ("/healthz", "/metrics", "/subscribe", f"{BASE}/session", f"{BASE}/openapi.json", f"/admin{BASE}/"):
            problem(http.get(path), 404)


def test_no_header_makes_one_listener_the_other(server: Server, olga: Operator) -> None:
    admin, public = server.admin_url.removeprefix("http://"), server.url.removeprefix("http://")
    forged = {"X-Forwarded-Host": admin, "X-Forwarded-Prefix": "/admin", "Forwarded": f"host={admin}", "Script-Name": "/admin"}
    about = http_client.get(f"{server.url}{BASE}/", headers={"Host": admin, **forged, **olga.headers})
    assert about.json()["data"]["app"] == "chatserver"
    problem(http_client.get(f"{server.url}{BASE}/streams", headers={"Host": admin, **forged, **olga.headers}), 404)

    problem(http_client.get(f"{server.admin_url}{BASE}/", headers={"Host": public}), 401)
    assert (
        http_client.get(f"{server.admin_url}{BASE}/", headers={"Host": public, **olga.headers}).json()["data"]["app"] == "Admin chatserver"
    )


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'nobody'", "DELETE FROM audit", "TRUNCATE audit"])
def test_the_database_itself_refuses_to_change_the_audit_log(server: Server, olga: Operator, statement: str) -> None:
    assert execute(server.database_url, "SELECT count(*) FROM audit")[0][0] > 0
    with pytest.raises(DBAPIError) as refused:
        execute(server.database_url, statement)
    assert isinstance(refused.value.orig, psycopg2.errors.RaiseException)


def test_what_is_wrong_in_an_announcement_is_named_and_nothing_is_said(server: Server, olga: Operator, alice: Person) -> None:
    room = alice.create_room()["id"]
    with nothing_stored(server.database_url):
        problem(olga.request("POST", "/announcements", {"text": " ", "rooms": [room]}), 400, "text")
        problem(olga.request("POST", "/announcements", {"text": "hello"}), 400, "rooms")
        problem(olga.request("POST", "/announcements", {"text": "hello", "rooms": []}), 400, "rooms")
        problem(olga.request("POST", "/announcements", {"text": "hello", "rooms": [room, "nowhere"]}), 404)
    assert not olga.audited("announced")


def test_what_is_not_there_is_not_found(server: Server, olga: Operator) -> None:
    calls = [("DELETE", "/room/nowhere"), ("PUT", "/user/nobody/ban"), ("DELETE", "/user/nobody/ban"), ("DELETE", "/user/9999999/sessions")]
    for method, path in calls:
        problem(olga.request(method, path), 404)


def test_who_tries_key_after_key_is_told_to_wait_and_olga_still_gets_in(server: Server, olga: Operator) -> None:
    beside_her = httpx.HTTPTransport(local_address="127.0.0.2")
    with http_client.client(server.admin_url + BASE, transport=beside_her) as http:
        for attempt in range(WRONG_KEYS.amount):
            problem(http.get("/", headers={"X-API-Key": f"chat_admin_{attempt}"}), 401)
        waits = http.get("/", headers={"X-API-Key": "chat_admin_once_more"})
        problem(waits, 429)
        assert int(waits.headers["Retry-After"]) > 0
        assert http.get("/", headers=olga.headers).status_code == 200
    problem(http_client.get(f"{server.admin_url}{BASE}/", headers={"X-API-Key": "chat_admin_from_elsewhere"}), 401)
