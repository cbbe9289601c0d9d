"""Fixtures of the API's tests."""

from collections.abc import Iterator

import pytest
from redis import Redis

from chat.embedded import Valkey
from tests.harness.people import Person
from tests.harness.server import Server
from tests.harness.tables import nothing_stored


@pytest.fixture(scope="module")
def erin(server: Server) -> Iterator[Person]:
    """One person for a file whose requests are all refused."""
    with Person.signed_in(server, "erin") as person:
        yield person


@pytest.fixture(scope="module")
def places(server: Server, erin: Person) -> dict[str, object]:
    """What an address may name: a room of erin's, and somebody to write to."""
    with Person.signed_in(server, "frank") as frank:
        return {"room": erin.create_room()["id"], "user": frank.id}


@pytest.fixture
def nothing_is_stored(server: Server, erin: Person, places: dict[str, object]) -> Iterator[None]:
    """For a file whose requests are all refused: each test must leave the tables as they were."""
    with nothing_stored(server.database_url):
        yield


@pytest.fixture(scope="module")
def heidi(server: Server) -> Iterator[Person]:
    """One person for a file that writes requests by hand."""
    with Person.signed_in(server, "heidi") as person:
        yield person


@pytest.fixture(scope="module")
def path(heidi: Person) -> str:
    """An address to which heidi may post."""
    return f"/room/{heidi.create_room()['id']}/messages"


@pytest.fixture
def untried_server(mended_server: Server, mended_valkey: Valkey) -> Server:
    """A server on which nobody has guessed a password yet."""
    with Redis.from_url(mended_valkey.url) as redis:
        redis.flushall()
    return mended_server
