"""Fixtures of the page's tests."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.harness.browser import Visits
from tests.harness.people import Person
from tests.harness.rooms import join
from tests.harness.server import Server


@pytest.fixture
def visits(chromium: Browser, server: Server) -> Iterator[Visits]:
    """Browsers of people, at the shared server."""
    with Visits(chromium, server.url) as visits:
        yield visits


@pytest.fixture
def room(alice: Person, bob: Person) -> dict[str, Any]:
    """An open room of alice's, with bob."""
    created = alice.create_room("lounge")
    join(bob, created)
    return created
