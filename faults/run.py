"""One scenario from its servers' start to its verdict."""

from dataclasses import replace
from pathlib import Path

from faults.checker import Verdict, judge
from faults.evidence import Evidence
from faults.proxy import Proxy
from faults.scenarios import Scenario
from faults.stage import NotHappened, staged


def evidence_of(scenario: Scenario, proxy: Proxy, template: Path, seconds: float | None = None, wsgi: str = "") -> Evidence:
    """Raises Skipped where the machine cannot do it, NotHappened where the fault did not come about."""
    setup = replace(scenario.setup, wsgi=wsgi) if wsgi else scenario.setup
    with staged(proxy, template, setup, seconds or scenario.seconds) as stage:
        try:
            scenario.hurt(stage)
            evidence = stage.evidence()
        except Exception as error:
            error.add_note(stage.service.last_lines())
            raise
    if not evidence.began or not evidence.over:
        raise NotHappened(f"{scenario.name} says not when its fault began and was over")
    return evidence


def verdict_of(scenario: Scenario, proxy: Proxy, template: Path, seconds: float | None = None) -> Verdict:
    return judge(evidence_of(scenario, proxy, template, seconds))
