"""Each column of the table, and a run without a safeguard in which it must not be zero."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from faults.checker import Verdict, judge
from faults.proxy import Proxy
from faults.run import evidence_of
from faults.scenarios import SCENARIOS

WSGI = "faults.sabotaged_wsgi:app"
SECONDS = 5.0


@dataclass(frozen=True)
class Control:
    """column: what must be seen; sabotage: what is taken out; scenario: the run that needs it; count: of the verdict."""

    column: str
    sabotage: str
    scenario: str
    count: Callable[[Verdict], int]


CONTROLS = (
    Control("deliveries lost", "forget-events", "nothing", lambda verdict: verdict.lost),
    Control("posts lost", "confirm-what-was-not-done", "nothing", lambda verdict: verdict.lost_posts),
    Control("deliveries repeated", "ignore-cursors", "redis-stopped", lambda verdict: verdict.repeated),
    Control("posts doubled", "forget-keys", "clients-answers-lost", lambda verdict: verdict.doubled),
    Control("phantom", "invent-texts", "nothing", lambda verdict: verdict.phantom),
    Control("phantom after a failover", "ignore-epochs", "postgres-failover-asynchronous", lambda verdict: verdict.phantom),
    Control("phantom of a foreign log", "ignore-epochs", "redis-failover-ahead", lambda verdict: verdict.phantom),
    Control("refused, but landed", "refuse-what-was-done", "nothing", lambda verdict: verdict.refused_but_landed),
    Control("200 while ill", "be-ready-always", "postgres-killed", lambda verdict: verdict.ready_while_ill),
)


def run(control: Control, proxy: Proxy, template: Path, seconds: float = SECONDS) -> int:
    """What the column shows without the safeguard: zero means that the table cannot see it."""
    plain = SCENARIOS[control.scenario]
    settings = {**plain.setup.settings, "FAULTS_CONTROL": control.sabotage, "HUB_LATE": "0.3"}
    sabotaged = replace(plain, setup=replace(plain.setup, settings=settings, wsgi=WSGI, patience=5.0))
    return control.count(judge(evidence_of(sabotaged, proxy, template, seconds)))
