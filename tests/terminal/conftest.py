"""Fixtures of the command line's tests."""

from pathlib import Path

import pytest

from tests.harness.people import Person
from tests.harness.shell import Shell


@pytest.fixture
def shell(bob: Person, tmp_path: Path) -> Shell:
    """Bob's, signed in."""
    return Shell.of(bob, tmp_path)


@pytest.fixture
def room(alice: Person) -> str:
    """The name of an open room of alice's."""
    name: str = alice.create_room()["name"]
    return name
