"""How a scenario is declared: a function that causes a fault on a stage, and what it needs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from faults.stage import Setup, Stage

Injection = Callable[[Stage], None]


@dataclass(frozen=True)
class Scenario:
    """A row of the table. seconds: how long the fault lasts, of those that last."""

    name: str
    title: str
    inject: Injection
    setup: Setup
    seconds: float


SCENARIOS: dict[str, Scenario] = {}


def scenario(title: str, seconds: float = 8.0, **setup: Any) -> Callable[[Injection], Injection]:
    """Its name is the function's. The function puts `with stage.fault()` around what happens."""

    def register(inject: Injection) -> Injection:
        name = inject.__name__.replace("_", "-")
        assert name not in SCENARIOS, name
        SCENARIOS[name] = Scenario(name, title, inject, Setup(**setup), seconds)
        return inject

    return register
