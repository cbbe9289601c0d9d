"""What a name, a password, a text, a key or a cursor may be."""

import unicodedata
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.domain import names
from chat.domain.names import Invalid

ANYTHING = st.text(st.characters(codec="utf-8"), max_size=120)  # JSON that holds a lone surrogate is refused before


# Refused


@pytest.mark.parametrize(
    ("rule", "value", "said"),
    [
        (names.user_name, "", "empty"),
        (names.user_name, " \t", "empty"),
        (names.user_name, "17", "all digits"),
        (names.user_name, "\u0661\u0662", "all digits"),
        (names.user_name, "Me", "reserved"),
        (names.user_name, "..", "reserved"),
        (names.user_name, "a b", "letters"),
        (names.user_name, "a/b", "letters"),
        (names.user_name, "a" * 41, "40"),
        (names.room_name, "a/b", "slash"),
        (names.room_name, "a\u200bb", "printable"),
        (names.room_name, "a" * 81, "80"),
        (names.password, "1234567", "8"),
        (names.password, "p" * 201, "200"),
        (names.text, "", "empty"),
        (names.text, "\u2003\n", "empty"),
        (names.text, "a\0", "NUL"),
        (names.text, "a" * 16385, "16385 bytes"),
        (names.idempotency_key, "", "255"),
        (names.idempotency_key, "a b", "255"),
        (names.idempotency_key, "a\n", "255"),
        (names.idempotency_key, "a" * 256, "255"),
        (names.cursor, "-1", "whole number"),
        (names.cursor, str(2**63), "whole number"),
        (names.cursor, "9" * 30, "whole number"),
        (names.cursor, "\u0661", "whole number"),
        (names.cursor, "1\n", "whole number"),
        (names.cursor, "", "whole number"),
    ],
)
def test_what_breaks_a_rule_is_told_which(rule: Callable[[str], object], value: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        rule(value)


# Taken


@pytest.mark.parametrize("name", ["ada", "Zo\u00eb", "\u5f20\u4f1f", "a.b-c_d", "7of9", "a" * 40, "\u0430\u043d\u043d\u0430"])
def test_names_of_people(name: str) -> None:
    assert names.user_name(f" {name} ") == name


@pytest.mark.parametrize("name", ["lobby", "the b\u00f6ard room", "50 %", "a?b#c", "\U0001f511", "a" * 80])
def test_names_of_rooms(name: str) -> None:
    assert names.room_name(name) == name


@pytest.mark.parametrize("text", ["x", " x ", "a\nb", "a" * 16384, "\u00e9" * 8192])
def test_a_text_is_never_changed(text: str) -> None:
    assert names.text(text) is text


@pytest.mark.parametrize("value", ["0", "007", str(2**63 - 1)])
def test_cursors(value: str) -> None:
    assert names.cursor(value) == int(value)


def test_an_id_too_large_for_any_stands_for_one_that_nothing_has() -> None:
    assert names.id_of("17") == 17
    assert names.id_of("9" * 19) == names.id_of("9" * 5000) == names.LARGEST_ID


# Whatever comes


@given(ANYTHING)
def test_a_name_that_is_taken_never_reads_as_an_id(name: str) -> None:
    for rule in (names.user_name, names.room_name):
        try:
            taken = rule(name)
        except Invalid:
            continue
        assert not names.is_id(taken) and not names.is_id(names.name_key(taken))
        assert rule(taken) == taken
        assert unicodedata.is_normalized("NFC", taken)


@given(ANYTHING)
def test_a_key_is_the_same_for_what_reads_the_same(name: str) -> None:
    key = names.name_key(name)
    assert "\0" not in key
    assert names.name_key(f"  {name} ") == key
    assert names.name_key(unicodedata.normalize("NFD", name)) == key


@given(ANYTHING)
def test_the_key_of_a_taken_name_finds_it_in_capitals(name: str) -> None:
    try:
        taken = names.user_name(name)
    except Invalid:
        return
    assert names.name_key(taken) == names.name_key(taken.casefold())


@given(ANYTHING)
def test_every_rule_answers_or_raises_invalid(value: str) -> None:
    for rule in (names.user_name, names.room_name, names.password, names.text, names.idempotency_key, names.cursor):
        with suppress(Invalid):
            rule(value)  # type: ignore[operator]


@given(st.integers(-(2**70), 2**70), st.integers(0, 1000), st.integers(0, 1000))
def test_a_whole_number_lies_within_its_bounds(number: int, one: int, other: int) -> None:
    low, high = sorted((one, other))
    if low <= number <= high:
        assert names.whole_number(str(number), low, high) == number
    else:
        with pytest.raises(Invalid, match=f"{low} to {high}"):
            names.whole_number(str(number), low, high)
