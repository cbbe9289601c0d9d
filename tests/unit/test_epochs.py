"""Epochs: which cursors still hold."""

import pytest

from chat.domain.epochs import Epochs

EPOCHS = Epochs(("one", "two", "three"), ((100, 10_000), (10_050, 90_000)))


@pytest.mark.parametrize(
    ("cursor", "valid"),
    [
        (0, 0),
        (100, 100),
        (101, 100),
        (9_999, 100),
        (10_000, 10_000),
        (10_050, 10_050),
        (10_051, 10_050),
        (90_000, 90_000),
        (95_000, 95_000),
    ],
)
def test_a_cursor_of_what_was_lost_goes_back_to_what_holds(cursor: int, valid: int) -> None:
    assert EPOCHS.valid(cursor) == valid


def test_the_present_epoch_is_the_last_one() -> None:
    assert (EPOCHS.name, Epochs().name, Epochs().valid(7)) == ("three", "", 7)
