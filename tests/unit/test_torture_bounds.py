"""Every bound that the torture test makes small is a bound of the product, so that a renamed one fails here and not after minutes."""

import pytest

from tests.torture.bounds import SMALL


@pytest.mark.parametrize(("module", "name"), [(module, name) for module, bounds in SMALL.items() for name in bounds])
def test_a_bound_that_is_made_small_exists(module: object, name: str) -> None:
    assert hasattr(module, name)
