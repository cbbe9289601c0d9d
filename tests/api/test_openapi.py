"""The published OpenAPI document: complete, true to the service's responses, and readable on its own page."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from tests.harness import http_client
from tests.harness.databases import Databases
from tests.harness.keyspaces import Keyspaces
from tests.harness.people import Person
from tests.harness.server import Server
from tests.harness.uploads import picture, uploaded

EXAMPLES = 15  # of each call
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
DOCUMENT = "/api/v1/openapi.json"
PATHS = {
    "/users": {"get", "post"},
    "/user/{user}": {"get"},
    "/user/{user}/avatar": {"get"},
    "/user/me": {"patch"},
    "/user/me/avatar": {"put", "delete"},
    "/password": {"put"},
    "/search": {"get"},
    "/user/{user}/messages": {"get", "post"},
    "/session": {"get", "post", "delete"},
    "/session/{session}": {"delete"},
    "/sessions": {"get"},
    "/rooms": {"get", "post"},
    "/room/{room}": {"get"},
    "/room/{room}/messages": {"get", "post"},
    "/room/{room}/subscribe": {"get"},
    "/room/{room}/files": {"post"},
    "/user/{user}/files": {"post"},
    "/file/{file}/{name}": {"get"},
    "/file/{file}/preview": {"get"},
    "/messages": {"get"},
    "/messages/subscribe": {"get"},
    "/message/{message}": {"get"},
    "/subscribe": {"get"},
}


@pytest.fixture(scope="module")
def explored(databases: Databases, keyspaces: Keyspaces) -> Iterator[Server]:
    """A server of its own: these requests would block the tests' address from signing in."""
    database_url, redis_url = databases.clone(), keyspaces.take()
    with Server(database_url, redis_url) as running:
        yield running
    databases.drop(database_url)
    keyspaces.give_back(redis_url)


@dataclass(frozen=True)
class Participants:
    """The caller, a user whose sessions may end, and the values of path parameters."""

    server: Server
    ivan: Person
    judy: Person
    known: dict[str, object]


@pytest.fixture(scope="module")
def participants(explored: Server) -> Iterator[Participants]:
    with Person.signed_in(explored, "ivan") as ivan, Person.signed_in(explored, "judy") as judy:
        room = ivan.create_room()["id"]
        message = judy.write_to(ivan.id, "psst")["id"]
        file = uploaded(judy, f"/user/{ivan.id}", picture(), "a.png")["file"]["id"]
        yield Participants(explored, ivan, judy, {"room": room, "message": message, "user": judy.id, "file": file})


@pytest.fixture(scope="module")
def published(explored: Server) -> Any:
    return schemathesis.openapi.from_url(explored.url + DOCUMENT)


@pytest.fixture(scope="module")
def document(server: Server) -> dict[str, Any]:
    answer = http_client.get(server.url + DOCUMENT)
    assert answer.status_code == 200
    whole: dict[str, Any] = answer.json()
    return whole


def test_every_answer_to_what_the_document_allows_is_as_published(published: Any, participants: Participants) -> None:
    statuses = explore(published, GenerationMode.POSITIVE, participants, participants.known)
    assert {200, 201, 204} <= statuses.keys(), statuses


def test_every_answer_to_what_the_document_forbids_is_as_published(published: Any, participants: Participants) -> None:
    statuses = explore(published, GenerationMode.NEGATIVE, participants, {})
    assert {400, 404} <= statuses.keys(), statuses


def explore(published: Any, mode: GenerationMode, participants: Participants, known: dict[str, object]) -> Counter[int]:
    """Counts the statuses of the examples of every call. Hypothesis shows the smallest that fails."""
    statuses: Counter[int] = Counter()
    operations = [found.ok() for found in published.get_all_operations()]
    assert len(operations) == sum(len(methods) for methods in published.raw_schema["paths"].values())
    for operation in operations:
        with suppress(Unsatisfiable):  # Nothing can be wrong with a call that takes nothing.
            try_examples(operation.as_strategy(generation_mode=mode), participants, known, statuses)
    return statuses


def try_examples(
    cases: SearchStrategy[schemathesis.Case[Any]], participants: Participants, known: dict[str, object], statuses: Counter[int]
) -> None:
    """Sends the cases with `known` path parameters, and validates the responses against the document."""

    @given(cases)
    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def try_one(case: schemathesis.Case[Any]) -> None:
        if case.operation.path.endswith("subscribe") and str(case.query.get("wait", "25")).isdecimal():
            case.query["wait"] = 0  # Waiting is tested elsewhere.
        case.path_parameters.update({name: place for name, place in known.items() if name in case.path_parameters})
        answer = case.call(headers={"Authorization": f"Bearer {token_for(case, participants)}"}, timeout=30)
        case.validate_response(answer, checks=list(CHECKS))
        statuses[answer.status_code] += 1

    try_one()


def token_for(case: schemathesis.Case[Any], participants: Participants) -> str:
    """Ivan's token, or a new session of judy's if the call may end it."""
    ends = case.method.upper() == "DELETE" and case.operation.path.startswith("/session")
    return participants.judy.another_session(participants.server) if ends else participants.ivan.token


def test_every_call_of_the_contract_is_published(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": "/api/v1"}]
    published = {path: set(methods) for path, methods in document["paths"].items()}
    assert {path: published.get(path, set()) & methods for path, methods in PATHS.items()} == PATHS


def test_every_answer_has_a_shape_and_every_refusal_is_a_problem(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["responses"].keys() - {"503"}, f"{method} {path}"
            for status, response in operation["responses"].items():
                expected = "application/problem+json" if status >= "400" else "application/json"
                binary = path.startswith("/file/") or (path.endswith("/avatar") and method == "get")
                expected = "*/*" if binary and status < "300" else expected
                assert status in ("204", "304") or expected in response["content"], f"{method} {path} {status}"


def test_every_call_has_a_name_of_its_own(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(names) == len(set(names)) >= len(PATHS)


def test_what_is_public_says_so(document: dict[str, Any]) -> None:
    public = {
        (method, path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if operation.get("security") == []
    }
    assert public == {("post", "/users"), ("post", "/session")}


def test_the_page_shows_every_call_and_loads_nothing_from_elsewhere(server: Server, document: dict[str, Any]) -> None:
    answer = http_client.get(f"{server.url}/api/v1/docs")
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert [path for path in document["paths"] if path not in answer.text] == []
    assert 'src="http' not in answer.text and 'href="http' not in answer.text and "//cdn" not in answer.text


def test_a_problems_type_is_a_place_on_that_page(server: Server) -> None:
    place = http_client.get(f"{server.url}/rooms").json()["type"]
    page, _, anchor = place.partition("#")
    assert f'id="{anchor}"' in http_client.get(server.url + page).text
