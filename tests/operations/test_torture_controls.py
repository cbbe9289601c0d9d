"""A fault test has a control: with a safeguard taken out, the torture test fails. One that did not would show nothing."""

import random

import pytest

from tests.torture.run import torture
from tests.torture.sabotage import CONTROLS, intact, sabotaged
from tests.torture.verdict import findings, summary


@pytest.mark.parametrize("safeguard", ["cursor", "healing"])  # the run without compare-and-append is that without healing
def test_a_control_with_its_safeguard_in_place_finds_nothing(safeguard: str) -> None:
    """Otherwise the load, and not the missing safeguard, could be the reason of the other test's failure."""
    plan = intact(safeguard, random.randrange(2**32))
    evidence = torture(plan)
    print(f"seed {plan.seed}: {summary(evidence)}")
    assert [str(finding) for finding in findings(evidence)] == []


@pytest.mark.parametrize("safeguard", sorted(CONTROLS))
def test_the_torture_test_sees_a_missing(safeguard: str) -> None:
    plan = sabotaged(safeguard, random.randrange(2**32))
    print(f"repeat with: bin/torture --without {safeguard} --seed {plan.seed}")
    evidence = torture(plan)
    print(summary(evidence))
    found = findings(evidence)
    print(*found, sep="\n")
    assert found, f"without {safeguard} nothing went wrong: either it is not needed, or the test cannot see"
