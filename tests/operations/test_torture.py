"""The main promise: under any fault, every client reads exactly the committed messages, once, in order."""

import random

import pytest

from tests.torture.plan import SMALL, Plan
from tests.torture.run import torture
from tests.torture.verdict import findings, summary, surprises, too_tame


@pytest.mark.parametrize("wsgi", [Plan.wsgi, SMALL])
def test_every_reader_gets_every_event_exactly_once_in_order_whatever_breaks(pytestconfig: pytest.Config, wsgi: str) -> None:
    """With the product's bounds, and with small ones, which a short run crosses many times."""
    seed = pytestconfig.getoption("--torture-seed")
    plan = Plan(random.randrange(2**32) if seed is None else seed, pytestconfig.getoption("--torture-seconds"), wsgi=wsgi)
    print(f"repeat with: bin/torture --seed {plan.seed} --seconds {plan.seconds:g}{' --small' * (wsgi == SMALL)}")
    evidence = torture(plan)
    print(summary(evidence))
    assert [str(finding) for finding in findings(evidence)] == []
    assert surprises(evidence) == []
    assert too_tame(evidence, plan) == []
