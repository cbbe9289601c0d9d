"""One scenario from its servers' start to its verdict."""

from pathlib import Path

from faults.evidence import Evidence
from faults.proxy import Proxy
from faults.scenarios import Scenario
from faults.stage import NotHappened, staged


def evidence_of(scenario: Scenario, proxy: Proxy, template: Path, seconds: float | None = None) -> Evidence:
    """Raises Skipped where the machine cannot do it, NotHappened where the fault did not come about."""
    with staged(proxy, template, scenario.setup, seconds or scenario.seconds) as stage:
        try:
            scenario.inject(stage)
            evidence = stage.evidence()
        except Exception as error:
            error.add_note(stage.service.last_lines())
            raise
    if not evidence.began or not evidence.over:
        raise NotHappened(f"{scenario.name} says not when its fault began and was over")
    return evidence
