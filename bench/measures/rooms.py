"""Many rooms, posts on a schedule: the time until each subscriber has each message, counted from when the post was due."""

from collections.abc import Iterator

from bench.load_generator import Answer
from bench.stage import Stage
from bench.table import Row

CONNECTIONS = 128
JUDGED_RATE = 500
TARGET_P99_MS = 50.0
WARM_UP_SECONDS = 2


def many_rooms(stage: Stage, streams: int, rooms: int, rates: list[int], seconds: float) -> Iterator[Row]:
    with stage.load(streams, rooms) as load:
        stage.open(load, streams)
        load.ask("paced", WARM_UP_SECONDS, rates[0], CONNECTIONS)
        for rate in rates:
            usage = stage.usage()
            answer = load.ask("paced", seconds, rate, CONNECTIONS)
            yield from _rows(f"{streams:,} in {rooms:,} rooms, {rate:,} posts/s", rate, answer, str(usage))


def _rows(what: str, rate: int, answer: Answer, note: str) -> Iterator[Row]:
    exact, cpu = answer["exact"] and answer["deliveries"] > 0, answer["load_cpu"]
    goal = TARGET_P99_MS if rate == JUDGED_RATE else None
    longest = f"longest {answer['delivery_max_ms']:.0f} ms, 201 p99 {answer['answer_p99_ms']:.1f} ms, sent {answer['sent_rate']:,}/s"
    yield Row(f"{what}: p50", answer["delivery_p50_ms"], "ms", exact, load_cpu=cpu, note=note, detail=[answer])
    yield Row(f"{what}: p99", answer["delivery_p99_ms"], "ms", exact, None, goal, cpu, longest)
