"""bin/faults: causes each fault on servers of its own and prints the table of docs/reliability.md."""

import argparse
import sys
import traceback
from pathlib import Path
from time import monotonic

import click

from faults import table
from faults.checker import judge
from faults.controls import CONTROLS, run
from faults.proxy import Proxy
from faults.run import evidence_of
from faults.scenarios import SCENARIOS, Scenario
from faults.stage import Skipped, template

PAGE = Path(__file__).parent.parent / "docs" / "reliability.md"
BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"


def main() -> int:
    """0 if every scenario came to a row, 1 if one could not be run to its end, 2 for a wrong name."""
    arguments = _arguments()
    if arguments.list:
        click.echo("\n".join(f"{each.name:<34} {each.title}" for each in SCENARIOS.values()))
        return 0
    if unknown := [name for name in arguments.only if name not in SCENARIOS]:
        click.echo(f"faults: no such scenario: {', '.join(unknown)} (bin/faults --list)", err=True)
        return 2
    if arguments.controls:
        return _control()
    rows, failed = _run([SCENARIOS[name] for name in arguments.only or SCENARIOS], arguments)
    if arguments.write:
        write(PAGE, rows)
    return 1 if failed else 0


def _control() -> int:
    """1 if a column stayed at zero although a safeguard was taken out."""
    blind = 0
    with Proxy() as proxy, template() as folder:
        for control in CONTROLS:
            seen = run(control, proxy, folder)
            blind += seen == 0
            click.echo(f"{control.column:<22} without a safeguard ({control.sabotage}): {seen or 'NOTHING SEEN'}")
    return 1 if blind else 0


def _run(chosen: list[Scenario], arguments: argparse.Namespace) -> tuple[list[str], int]:
    rows, failed = [], 0
    click.echo(table.heading())
    with Proxy() as proxy, template() as folder:
        for scenario in chosen:
            row, went_wrong = _row(scenario, proxy, folder, arguments)
            failed += went_wrong
            rows.append(row)
            click.echo(row)
    return rows, failed


def _row(scenario: Scenario, proxy: Proxy, folder: Path, arguments: argparse.Namespace) -> tuple[str, bool]:
    begun = monotonic()
    try:
        evidence = evidence_of(scenario, proxy, folder, arguments.seconds)
    except Skipped as skipped:
        return table.skipped(scenario.title, str(skipped)), False
    except Exception as error:  # noqa: BLE001 - one scenario that fails must not cost the others
        traceback.print_exception(error)
        return table.skipped(scenario.title, f"failed: {str(error).splitlines()[0] if str(error) else type(error).__name__}"), True
    if arguments.evidence:
        arguments.evidence.mkdir(parents=True, exist_ok=True)
        evidence.write(arguments.evidence / f"{scenario.name}.json")
    verdict = judge(evidence)
    click.echo(f"{scenario.name}: {monotonic() - begun:.0f} s; {verdict.deliveries} deliveries; {verdict.well_parts}", err=True)
    return table.line(scenario.title, verdict), False


def write(page: Path, rows: list[str]) -> None:
    """Between the two markers of the page; rows of other scenarios stay as they are."""
    text = page.read_text()
    before, _, rest = text.partition(BEGIN)
    old, end, after = rest.partition(END)
    if not end:
        raise SystemExit(f"faults: {page} lacks the lines {BEGIN} and {END}")
    by_title = {table.title_of(row): row for row in (*old.strip().splitlines(), *rows)}
    ordered = [by_title[scenario.title] for scenario in SCENARIOS.values() if scenario.title in by_title]
    page.write_text(f"{before}{BEGIN}\n{table.whole(ordered)}\n{END}{after}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/faults", description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these scenarios")
    parser.add_argument("--list", action="store_true", help="name the scenarios, and run none")
    parser.add_argument("--seconds", type=float, help="how long a fault lasts, instead of each scenario's own time")
    parser.add_argument("--controls", action="store_true", help="take a safeguard out for each column, and see that it is not zero")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.relative_to(PAGE.parent.parent)}")
    parser.add_argument("--evidence", type=Path, metavar="FOLDER", help="keep what each run left behind, as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
