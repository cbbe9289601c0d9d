"""One message at a time to all subscribers of a room, in turns with the floor: what each means stands in bench/__init__.py."""

from collections.abc import Iterator
from statistics import median

from bench.load_generator import Answer, Load, loaded
from bench.measures import all_exact, middle, rate_row
from bench.stage import Stage
from bench.table import Row

DELIVERIES_A_RUN = 100_000  # enough for half a second at the floor's pace
WARM_UP_MESSAGES = 5
TARGET_RATIO = 0.9


def fanout(stage: Stage, sizes: list[int], runs: int) -> Iterator[Row]:
    frame_bytes = stage.frame_bytes()
    for subscribers in sizes:
        with stage.load(subscribers) as load, loaded(stage.program) as floor:
            stage.open(load, subscribers)
            floor.ask("floor", subscribers, frame_bytes)
            usage, split = stage.usage(), stage.split()
            served, bare = _in_turns(load, floor, subscribers, runs)
            yield from _rows(subscribers, served, bare, f"streams {split}; {usage}")


def floor_alone(stage: Stage, sizes: list[int], runs: int) -> Iterator[Row]:
    frame_bytes = stage.frame_bytes()
    for subscribers in sizes:
        with loaded(stage.program) as floor:
            floor.ask("floor", subscribers, frame_bytes)
            floor.ask("floor-rounds", WARM_UP_MESSAGES)
            bare = [floor.ask("floor-rounds", messages_a_run(subscribers)) for _ in range(runs)]
            yield _floor_row(subscribers, bare, f"frames of {frame_bytes} bytes")


def messages_a_run(subscribers: int) -> int:
    return max(10, DELIVERIES_A_RUN // subscribers)


def _in_turns(load: Load, floor: Load, subscribers: int, runs: int) -> tuple[list[Answer], list[Answer]]:
    """The first who plays changes from turn to turn."""
    served: list[Answer] = []
    bare: list[Answer] = []
    plays = [(served, load, "rounds"), (bare, floor, "floor-rounds")]
    for _, player, command in plays:
        player.ask(command, WARM_UP_MESSAGES)
    for run in range(runs):
        for answers, player, command in plays if run % 2 else reversed(plays):
            answers.append(player.ask(command, messages_a_run(subscribers)))
    return served, bare


def _floor_row(subscribers: int, bare: list[Answer], note: str = "") -> Row:
    return rate_row(f"floor: send() to {subscribers:,}, one at a time", bare, "fan_out_rate", note)


def _rows(subscribers: int, served: list[Answer], bare: list[Answer], note: str) -> Iterator[Row]:
    to, latency = f"{subscribers:,}, one at a time", f"{middle(served, 'end_to_end_p50_ms'):.1f} ms a message"
    ratio = median(ours["fan_out_rate"] / theirs["fan_out_rate"] for ours, theirs in zip(served, bare, strict=True))
    yield _floor_row(subscribers, bare)
    yield rate_row(f"fan-out to {to}", served, "fan_out_rate", note)
    yield rate_row(f"end to end to {to}", served, "end_to_end_rate", latency)
    what = f"fan-out to {subscribers:,} as part of the floor"
    yield Row(what, ratio, "of the floor", all_exact(served + bare), above=TARGET_RATIO)
