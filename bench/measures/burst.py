"""A burst: many connections post as fast as they can to one room, timed from the first post sent to the last delivery."""

from collections.abc import Iterator

from bench.measures import middle, rate_row
from bench.stage import Stage
from bench.table import Row

TARGETS = {1_000: 1_500_000.0, 5_000: 2_500_000.0}  # deliveries/s
DELIVERIES_A_RUN = 8_000_000  # some seconds: long enough that starting and ending weigh little
WARM_UP_MESSAGES = 200


def burst(stage: Stage, sizes: list[int], connections: int, runs: int) -> Iterator[Row]:
    for subscribers in sizes:
        messages = min(5000, DELIVERIES_A_RUN // subscribers)
        with stage.load(max(subscribers, connections)) as load:
            stage.open(load, subscribers)
            load.ask("burst", WARM_UP_MESSAGES, connections)
            usage = stage.usage()
            answers = [load.ask("burst", messages, connections) for _ in range(runs)]
            note = f"{messages} messages, {middle(answers, 'posts_rate'):,.0f} posts/s; {usage}"
            what = f"burst to {subscribers:,}, {connections} posters"
            yield rate_row(what, answers, "rate", note, TARGETS.get(subscribers))
            yield rate_row(f"{what}, from first delivery", answers, "fan_out_rate")
