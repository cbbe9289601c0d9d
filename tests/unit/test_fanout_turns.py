"""Fan-out turns: each subscriber is in one of them, none is too long, and other greenlets run in between."""

import gevent
import pytest

from chat.live.fanout import SENDS_A_TURN, turns
from chat.live.subscriber import QueueSubscriber, Subscriber

FEW = SENDS_A_TURN // 4


def crowd(count: int) -> list[Subscriber]:
    return [QueueSubscriber(user, user) for user in range(count)]


@pytest.mark.parametrize(
    ("count", "sizes"),
    [
        (0, []),
        (1, [1]),
        (SENDS_A_TURN, [SENDS_A_TURN]),
        (SENDS_A_TURN + 1, [SENDS_A_TURN + 1]),
        (SENDS_A_TURN + FEW, [SENDS_A_TURN + FEW]),
        (SENDS_A_TURN + FEW + 1, [SENDS_A_TURN, FEW + 1]),
        (3 * SENDS_A_TURN + 1, [SENDS_A_TURN, SENDS_A_TURN, SENDS_A_TURN + 1]),
    ],
)
def test_everybody_is_in_one_turn_and_the_last_few_are_none_of_their_own(count: int, sizes: list[int]) -> None:
    everybody = crowd(count)
    made = list(turns(everybody))
    assert [len(turn) for turn in made] == sizes
    assert [one for turn in made for one in turn] == everybody


def test_others_have_their_turn_between_two() -> None:
    seen: list[str] = []
    gevent.spawn(seen.append, "another")
    for turn in turns(crowd(2 * SENDS_A_TURN)):
        seen.append(f"turn of {len(turn)}")
    assert seen == [f"turn of {SENDS_A_TURN}", "another", f"turn of {SENDS_A_TURN}"]
