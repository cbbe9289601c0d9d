"""Fixtures of the tests of streams and long polls."""

from collections.abc import Iterator

import httpx
import pytest
from flask import Flask

from tests.harness.people import Person

IN_PROCESS_URL = "http://chat.test"


@pytest.fixture
def ada(app: Flask) -> Iterator[Person]:
    """Somebody signed up at `app`, which runs in this process without gunicorn."""
    with Person.sign_up(IN_PROCESS_URL, "ada", httpx.WSGITransport(app=app)) as person:
        yield person
