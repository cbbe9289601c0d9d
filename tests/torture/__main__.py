"""bin/torture: a run by hand, of any length. Its seed repeats it."""

import argparse
import random
import sys

from tests.torture.plan import SMALL, Plan
from tests.torture.run import torture
from tests.torture.sabotage import CONTROLS, sabotaged
from tests.torture.verdict import findings, summary, surprises, too_tame


def main() -> int:
    """0 when every promise held, 1 when one was broken or the run was too tame to tell."""
    arguments = _arguments()
    plan = Plan(arguments.seed, arguments.seconds or 30.0, wsgi=SMALL if arguments.small else Plan.wsgi)
    if arguments.without:
        plan = sabotaged(arguments.without, arguments.seed, arguments.seconds)
    print(f"seed {plan.seed}, {plan.seconds:g} s", flush=True)
    evidence = torture(plan)
    print(summary(evidence))
    broken = [*map(str, findings(evidence)), *surprises(evidence), *too_tame(evidence, plan)]
    print(
        "\n".join(dict.fromkeys(broken)) or "every reader has exactly what was committed, once, in order; no acknowledged post is missing"
    )
    return 1 if broken else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/torture", description=__doc__)
    parser.add_argument("--seconds", type=float, help="how long faults are injected (30)")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32), help="repeats the random choices of another run")
    parser.add_argument("--small", action="store_true", help="with small bounds, which a short run crosses many times")
    parser.add_argument("--without", choices=sorted(CONTROLS), help="take this safeguard out: the run must then fail")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
