"""Password guesses are limited by name and by address, over all workers, without revealing which names exist."""

import re
from typing import Any

import httpx
import pytest

from chat.embedded import Valkey
from chat.services.rate_limits import BY_ADDRESS, BY_NAME
from tests.harness import http_client
from tests.harness.people import PASSWORD, Person, unique
from tests.harness.responses import BASES, problem
from tests.harness.server import Server
from tests.harness.tables import nothing_stored
from tests.harness.workers import on_each_worker

SPREAD = 10  # names that one address may try in vain before it is the address that is stopped


@pytest.fixture(scope="module")
def module_options() -> dict[str, Any]:
    """Behind a proxy that sets the client's address."""
    return {"settings": {"PROXY_HOPS": "1"}}


def attempt(server: Server, name: str, password: str = "a guess", address: str = "192.0.2.1", base: str = "/api/v1") -> httpx.Response:
    headers = {"X-Forwarded-For": address}
    return http_client.post(f"{server.url}{base}/session", json={"name": name, "password": password}, headers=headers)


def exhaust(server: Server, name: str) -> None:
    """Guesses at one name from new addresses until it is throttled."""
    for number in range(BY_NAME.amount):
        problem(attempt(server, name, address=f"198.51.100.{number}"), 401)


def test_a_name_is_guessed_at_so_often_and_no_more(untried_server: Server) -> None:
    with Person.signed_in(untried_server, "alice") as alice:
        exhaust(untried_server, alice.name)
        answers = on_each_worker(untried_server, lambda: attempt(untried_server, alice.name.upper(), PASSWORD))
        with nothing_stored(untried_server.database_url):
            answers += [attempt(untried_server, alice.name, PASSWORD, base=base) for base in BASES]
        for answer in answers:
            problem(answer, 429)
            assert 0 < int(answer.headers["Retry-After"]) <= BY_NAME.get_expiry()
            assert "Set-Cookie" not in answer.headers
        assert alice.http.get("/session").status_code == 200  # Whoever is signed in stays so.


def test_a_throttled_name_does_not_tell_whether_it_exists(untried_server: Server) -> None:
    with Person.signed_in(untried_server, "alice") as alice:
        exists, does_not = alice.name, unique("nobody")
    for _ in range(BY_NAME.amount + 2):
        known, unknown = attempt(untried_server, exists), attempt(untried_server, does_not)
        assert known.status_code == unknown.status_code
        assert known.headers.keys() == unknown.headers.keys()
        assert without_seconds(known) == without_seconds(unknown)
    assert known.status_code == 429


def without_seconds(answer: httpx.Response) -> dict[str, object]:
    """The two began a moment apart, so they may have a second's difference to wait."""
    document = problem(answer, answer.status_code)
    return document | {"detail": re.sub(r"\d+", "N", document["detail"])}


def test_an_address_guesses_at_so_many_names_and_no_more(untried_server: Server) -> None:
    names = [unique("nobody") for _ in range(SPREAD)]
    for number in range(BY_ADDRESS.amount):
        problem(attempt(untried_server, names[number % SPREAD]), 401 if number < SPREAD * BY_NAME.amount else 429)
    with Person.signed_in(untried_server, "alice") as alice:
        answer = attempt(untried_server, alice.name, PASSWORD)
        problem(answer, 429)
        assert 0 < int(answer.headers["Retry-After"]) <= BY_ADDRESS.get_expiry()
        assert attempt(untried_server, alice.name, PASSWORD, address="192.0.2.2").status_code == 201


def test_who_gets_it_right_may_go_on(untried_server: Server) -> None:
    with Person.signed_in(untried_server, "alice") as alice:
        for _ in range(3):
            for _ in range(BY_NAME.amount - 1):
                problem(attempt(untried_server, alice.name), 401)
            assert attempt(untried_server, alice.name, PASSWORD).status_code == 201


def test_guesses_are_counted_while_redis_is_away(untried_server: Server, mended_valkey: Valkey) -> None:
    name = unique("nobody")
    mended_valkey.stop()
    statuses = [attempt(untried_server, name).status_code for _ in range(BY_NAME.amount * untried_server.workers + 1)]
    assert statuses[0] == 401 and 429 in statuses  # Each worker counts for itself.


def test_behind_tls_the_cookie_is_secure(untried_server: Server) -> None:
    person = {"name": unique("alice"), "password": PASSWORD}
    answer = http_client.post(
        f"{untried_server.url}/users", json=person, headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "chat.test"}
    )
    assert "secure" in answer.headers["Set-Cookie"].lower()
    assert answer.headers["Location"].startswith("https://chat.test/user/")
