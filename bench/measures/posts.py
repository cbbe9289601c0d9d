"""Durable posts a second and the time to a 201, without subscribers."""

from collections.abc import Iterator

from bench.load_generator import Answer
from bench.stage import Stage
from bench.table import Row

JUDGED_CONNECTIONS = 128
TARGET_RATE = 4_000.0
TARGET_P99_MS = 50.0


def posts(stage: Stage, connections: list[int], seconds: float) -> Iterator[Row]:
    for count in connections:
        with stage.load(count) as load:
            usage = stage.usage()
            answer = load.ask("posts", seconds, count)
            yield from _rows(count, answer, str(usage))


def _rows(count: int, answer: Answer, note: str) -> Iterator[Row]:
    judged, exact, cpu = count == JUDGED_CONNECTIONS, answer["exact"], answer["load_cpu"]
    what = f"durable posts, {count} connection{'s' * (count > 1)}"
    above, below = (TARGET_RATE, TARGET_P99_MS) if judged else (None, None)
    yield Row(what, answer["rate"], "posts/s", exact, above, None, cpu, note, [answer])
    yield Row(f"{what}: p50", answer["answer_p50_ms"], "ms", exact, load_cpu=cpu)
    yield Row(f"{what}: p99", answer["answer_p99_ms"], "ms", exact, None, below, cpu, f"longest {answer['answer_max_ms']:.0f} ms")
