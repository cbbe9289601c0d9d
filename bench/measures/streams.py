"""Ten thousand streams: how fast they open, how fast they all resume, and the memory of each."""

from collections.abc import Iterator
from statistics import median

from bench.load_generator import Answer, Load
from bench.measures import all_exact, middle
from bench.stage import Stage, required
from bench.table import Row

TARGET_SECONDS = 5.0
TARGET_BYTES = 1024.0
MISSED_MESSAGES = 5
WARM_UP_STREAMS = 1_000


def memory(stage: Stage, streams: int) -> Iterator[Row]:
    """The growth of the workers. A thousand streams open and close first, so that code and pools are loaded."""
    if not stage.service.master:
        return
    with stage.load(WARM_UP_STREAMS) as load:
        stage.open(load, WARM_UP_STREAMS)
        load.ask("rounds", 3)
    with stage.load(streams) as load:
        before = stage.steady_memory()
        stage.open(load, streams)
        after = stage.steady_memory()
        grown = f"workers {before / 1024:.0f} MB before, {after / 1024:.0f} MB after"
        note = f"{stage.split()} streams; {grown}; the kernel's buffers not counted"
        each = (after - before) * 1024 / streams
        yield Row(f"memory a stream at {streams:,}", each, "bytes", below=TARGET_BYTES, note=note)


def opening(stage: Stage, streams: int, runs: int) -> Iterator[Row]:
    """Each run has new users. All streams open, drop, miss MISSED_MESSAGES messages, and resume each from its own last id."""
    opened: list[Answer] = []
    resumed: list[Answer] = []
    for _ in range(runs):
        with stage.load(streams) as load:
            usage = stage.usage()
            opened.append(stage.open(load, streams))
            opening_usage = str(usage)
            required(load.ask("rounds", 1))
            usage = stage.usage()
            resumed.append(_resume_all(stage, load))
            resuming_usage = str(usage)
    yield _row(f"open {streams:,} streams", opened, f"{stage.inflight} at once; {opening_usage}")
    yield _row(f"resume {streams:,} streams", resumed, f"each exactly the {MISSED_MESSAGES} messages it missed; {resuming_usage}")


def _resume_all(stage: Stage, load: Load) -> Answer:
    load.ask("drop")
    load.ask("seed", MISSED_MESSAGES)
    return load.ask("resume", stage.inflight)


def _row(what: str, answers: list[Answer], note: str) -> Row:
    seconds, cpu = middle(answers, "seconds"), median(answer["load_cpu"] for answer in answers)
    return Row(what, seconds, "s", all_exact(answers), None, TARGET_SECONDS, cpu, note, answers)
