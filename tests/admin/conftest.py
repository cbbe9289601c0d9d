"""Fixtures of the administration's tests."""

import pytest

from tests.harness.operator import Operator
from tests.harness.server import Server


@pytest.fixture
def olga(server: Server) -> Operator:
    """The operator, with an API key."""
    return Operator(server)
