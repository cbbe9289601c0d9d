"""One message at a time to all subscribers of a room, in turns with the floor: bench/__init__.py says what each figure means."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.load_generator import Answer, Load, running_load
from bench.measures import all_exact, middle, rate_row
from bench.stage import Stage
from bench.table import Row

FLOOR_SENDER = Path(__file__).parent.parent / "floor_sender.py"
DELIVERIES_A_RUN = 100_000  # enough for half a second at the floor's pace
WARM_UP_MESSAGES = 5
TARGET_RATIO = 0.9


def fanout(stage: Stage, sizes: list[int], runs: int) -> Iterator[Row]:
    frame_bytes = stage.frame_bytes()
    for subscribers in sizes:
        with stage.load(subscribers) as load, running_load(stage.program) as floor, running_load(stage.program) as python:
            stage.open(load, subscribers)
            floor.ask("floor", subscribers, frame_bytes)
            python.ask("floor-python", subscribers, frame_bytes, sys.executable, FLOOR_SENDER)
            usage, split = stage.usage(), stage.split()
            turns = _in_turns(load, floor, python, subscribers, runs)
            yield from _rows(subscribers, turns, f"streams {split}; {usage}")


def floor_alone(stage: Stage, sizes: list[int], runs: int) -> Iterator[Row]:
    frame_bytes = stage.frame_bytes()
    for subscribers in sizes:
        with running_load(stage.program) as floor:
            floor.ask("floor", subscribers, frame_bytes)
            floor.ask("floor-rounds", WARM_UP_MESSAGES, 0)
            bare = [floor.ask("floor-rounds", messages_a_run(subscribers), 0) for _ in range(runs)]
            yield _floor_row(subscribers, bare, f"frames of {frame_bytes} bytes")


def messages_a_run(subscribers: int) -> int:
    return max(10, DELIVERIES_A_RUN // subscribers)


@dataclass(frozen=True)
class Turn:
    """In turn: the server; the floor with the server's pause between two messages, in C and in Python; the floor in C without a pause."""

    service: Answer
    paced: Answer
    python: Answer
    bare: Answer


def _in_turns(load: Load, floor: Load, python: Load, subscribers: int, runs: int) -> list[Turn]:
    load.ask("rounds", WARM_UP_MESSAGES)
    floor.ask("floor-rounds", WARM_UP_MESSAGES, 0)
    python.ask("floor-rounds", WARM_UP_MESSAGES, 0)
    return [_turn(load, floor, python, messages_a_run(subscribers)) for _ in range(runs)]


def _turn(load: Load, floor: Load, python: Load, messages: int) -> Turn:
    service = load.ask("rounds", messages)
    pause = max(0, int(1000 * (service["end_to_end_p50_ms"] - service["fan_out_p50_ms"])))
    paced, in_python = floor.ask("floor-rounds", messages, pause), python.ask("floor-rounds", messages, pause)
    return Turn(service, paced, in_python, floor.ask("floor-rounds", messages, 0))


def _floor_row(subscribers: int, bare: list[Answer], note: str = "") -> Row:
    return rate_row(f"floor: send() to {subscribers:,}, one at a time", bare, "fan_out_rate", note)


def _rows(subscribers: int, turns: list[Turn], note: str) -> Iterator[Row]:
    service, paced, bare = [turn.service for turn in turns], [turn.paced for turn in turns], [turn.bare for turn in turns]
    python = [turn.python for turn in turns]
    to, latency = f"{subscribers:,}, one at a time", f"{middle(service, 'end_to_end_p50_ms'):.1f} ms a message"
    yield _floor_row(subscribers, bare)
    yield rate_row(f"floor at the server's pace to {to}", paced, "fan_out_rate")
    yield rate_row(f"floor in Python at the server's pace to {to}", python, "fan_out_rate")
    yield rate_row(f"fan-out to {to}", service, "fan_out_rate", note)
    yield rate_row(f"end to end to {to}", service, "end_to_end_rate", latency)
    yield _ratio_row(f"fan-out to {subscribers:,}, of the floor at its pace", service, paced, TARGET_RATIO)
    yield _ratio_row(f"fan-out to {subscribers:,}, of the floor in Python", service, python, TARGET_RATIO)
    yield _ratio_row(f"fan-out to {subscribers:,}, of the floor without a pause", service, bare, None)


def _ratio_row(what: str, service: list[Answer], floor: list[Answer], target: float | None) -> Row:
    ratio = median(ours["fan_out_rate"] / theirs["fan_out_rate"] for ours, theirs in zip(service, floor, strict=True))
    return Row(what, ratio, "of the floor", all_exact(service + floor), above=target)
