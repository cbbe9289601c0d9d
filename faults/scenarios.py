"""The closed list of faults. Each function hurts one stage, takes the fault back, and says when it began and when it was over."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

from faults.processes import stopped
from faults.stage import Setup, Skipped, Stage


@dataclass(frozen=True)
class Scenario:
    """A row of the table. seconds: how long the fault lasts."""

    name: str
    title: str
    hurt: Callable[[Stage], None]
    setup: Setup
    seconds: float


SCENARIOS: dict[str, Scenario] = {}


def scenario(title: str, seconds: float = 8.0, **setup: Any) -> Callable[[Callable[[Stage], None]], Callable[[Stage], None]]:
    def register(hurt: Callable[[Stage], None]) -> Callable[[Stage], None]:
        name = hurt.__name__.replace("_", "-")
        SCENARIOS[name] = Scenario(name, title, hurt, Setup(**setup), seconds)
        return hurt

    return register


@scenario("nothing: the load alone")
def nothing(stage: Stage) -> None:
    with stage.fault():
        stage.lasts(0.5)


@scenario("Redis stopped (SIGSTOP) for 8 s")
def redis_stopped(stage: Stage) -> None:
    with stage.fault(), stopped([stage.valkey.pid]):
        stage.lasts()
