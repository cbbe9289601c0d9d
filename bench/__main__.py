"""The command: which measurements, at which sizes, against which server."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, fields
from pathlib import Path

import click

from bench.load_generator import LoadFailed, compile_load
from bench.measures.burst import burst
from bench.measures.fanout import fanout, floor_alone
from bench.measures.nchan import nchan
from bench.measures.page import page
from bench.measures.posts import posts
from bench.measures.rooms import many_rooms
from bench.measures.streams import memory, opening
from bench.service import NotServing, Service, running_service
from bench.stage import Invalid, Stage
from bench.table import Row, as_json, heading, line
from chat.embedded import CannotStart

DEFAULT = ("fanout", "burst", "posts", "memory", "open", "rooms")
MEASURES = (*DEFAULT, "page", "floor", "nchan")


@dataclass(frozen=True)
class Chosen:
    """The options, as the command line has them."""

    subscribers: list[int]
    connections: list[int]
    streams: int
    room_count: int
    rates: list[int]
    seconds: float
    runs: int
    users: int
    workers: int
    url: str
    database: str
    secret_key: str


class Numbers(click.ParamType[list[int]]):
    """Whole numbers between commas."""

    name = "N,N,…"

    def convert(self, value: str | list[int], param: click.Parameter | None, ctx: click.Context | None) -> list[int]:
        if isinstance(value, list):
            return value
        try:
            return [int(part) for part in value.replace("_", "").split(",")]
        except ValueError:
            self.fail(f"{value!r} is not a list of whole numbers", param, ctx)


@click.command()
@click.argument("measures", nargs=-1, type=click.Choice(MEASURES))
@click.option("--subscribers", type=Numbers(), default=[], help="Sizes for floor and fanout (1000,5000,10000) and burst (1000,5000).")
@click.option("--connections", type=Numbers(), default=[1, 32, 128], help="Posters for posts; the last also for burst.")
@click.option("--streams", default=10_000, help="Streams for memory, open and rooms.")
@click.option("--rooms", "room_count", default=1_000, help="Rooms for rooms.")
@click.option("--rates", type=Numbers(), default=[500, 1000], help="Posts a second for rooms.")
@click.option("--seconds", default=10.0, help="How long posts and each rate of rooms last.")
@click.option("--runs", default=5, help="Runs of which the median is taken.")
@click.option("--users", default=10_000, help="Different users, at most one a stream.")
@click.option("--workers", default=2, help="Worker processes of the server that is started.")
@click.option("--url", default="", help="A server that runs already, instead of starting one.")
@click.option("--database", default="", help="Its database, to write users into; without, they sign up.")
@click.option("--secret-key", envvar="SECRET_KEY", default="", help="That server's, for the sessions of these users.")
@click.option("--nchan", "with_nchan", is_flag=True, help="Also measure nginx's nchan (Debian: nginx libnginx-mod-nchan).")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also write every run's figures to this file.")
@click.pass_context
def main(context: click.Context, /, measures: tuple[str, ...], json_file: Path | None, with_nchan: bool, **_: object) -> None:
    """Measure the service: all of it, or the MEASURES named."""
    wanted = [*(measures or DEFAULT), *(["nchan"] if with_nchan else [])]
    chosen = Chosen(**{field.name: context.params[field.name] for field in fields(Chosen)})
    rows: list[Row] = []
    try:
        _measure(wanted, chosen, rows)
    except (LoadFailed, NotServing, Invalid, CannotStart) as failure:
        raise click.ClickException(str(failure)) from failure
    finally:
        if json_file:
            json_file.write_text(as_json(rows))
    sys.exit(0 if all(row.exact for row in rows) else 1)


def _measure(wanted: list[str], chosen: Chosen, rows: list[Row]) -> None:
    """Runs each measurement on a server of its own: memory left behind by an earlier crowd would make the next crowd look free.
    Prints each row as soon as it is known, and appends it to `rows`."""
    click.echo(heading())
    for name in wanted:
        with _a_stage(chosen) as stage:
            made = [_shown(row) for row in _rows(name, stage, chosen)]
            rows += made
            if not all(row.exact for row in made):
                click.echo(stage.service.last_words(), err=True)


def _shown(row: Row) -> Row:
    click.echo(line(row))
    return row


@contextmanager
def _a_stage(chosen: Chosen) -> Iterator[Stage]:
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    folder.chmod(0o755)  # PostgreSQL runs as another user if this is root, and must be able to enter
    existing = Service(chosen.url, chosen.database, chosen.secret_key)
    try:
        program = compile_load(folder)
        with nullcontext(existing) if chosen.url else running_service(folder, chosen.workers) as server:
            yield Stage(server, program, folder, chosen.users)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _rows(name: str, stage: Stage, chosen: Chosen) -> Iterator[Row]:
    runs, seconds, streams, posters = chosen.runs, chosen.seconds, chosen.streams, chosen.connections[-1]
    fan_sizes, burst_sizes = chosen.subscribers or [1_000, 5_000, 10_000], chosen.subscribers or [1_000, 5_000]
    made: dict[str, Callable[[], Iterator[Row]]] = {
        "floor": lambda: floor_alone(stage, fan_sizes, runs),
        "fanout": lambda: fanout(stage, fan_sizes, runs),
        "burst": lambda: burst(stage, burst_sizes, posters, runs),
        "posts": lambda: posts(stage, chosen.connections, seconds),
        "memory": lambda: memory(stage, streams),
        "open": lambda: opening(stage, streams, runs),
        "rooms": lambda: many_rooms(stage, streams, chosen.room_count, chosen.rates, seconds),
        "page": lambda: page(stage, runs, seconds),
        "nchan": lambda: nchan(stage, burst_sizes, posters, runs),
    }
    return made[name]()


if __name__ == "__main__":
    main()
