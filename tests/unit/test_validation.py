"""Validation of names, passwords, texts, keys and cursors."""

import unicodedata
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.domain import validation
from chat.domain.validation import Invalid

ANYTHING = st.text(st.characters(codec="utf-8"), max_size=120)  # JSON that holds a lone surrogate is refused before


# Refused


@pytest.mark.parametrize(
    ("rule", "value", "said"),
    [
        (validation.user_name, "", "empty"),
        (validation.user_name, " \t", "empty"),
        (validation.user_name, "17", "all digits"),
        (validation.user_name, "\u0661\u0662", "all digits"),
        (validation.user_name, "Me", "reserved"),
        (validation.user_name, "..", "reserved"),
        (validation.user_name, "a b", "letters"),
        (validation.user_name, "a/b", "letters"),
        (validation.user_name, "a" * 41, "40"),
        (validation.room_name, "a/b", "slash"),
        (validation.room_name, "a\u200bb", "printable"),
        (validation.room_name, "a" * 81, "80"),
        (validation.password, "1234567", "8"),
        (validation.password, "p" * 201, "200"),
        (validation.text, "", "empty"),
        (validation.text, "\u2003\n", "empty"),
        (validation.text, "a\0", "NUL"),
        (validation.text, "a" * 16385, "16385 bytes"),
        (validation.idempotency_key, "", "255"),
        (validation.idempotency_key, "a b", "255"),
        (validation.idempotency_key, "a\n", "255"),
        (validation.idempotency_key, "a" * 256, "255"),
        (validation.cursor, "-1", "whole number"),
        (validation.cursor, str(2**63), "whole number"),
        (validation.cursor, "9" * 30, "whole number"),
        (validation.cursor, "\u0661", "whole number"),
        (validation.cursor, "1\n", "whole number"),
        (validation.cursor, "", "whole number"),
    ],
)
def test_what_breaks_a_rule_is_told_which(rule: Callable[[str], object], value: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        rule(value)


# Taken


@pytest.mark.parametrize("name", ["ada", "Zo\u00eb", "\u5f20\u4f1f", "a.b-c_d", "7of9", "a" * 40, "\u0430\u043d\u043d\u0430"])
def test_names_of_people(name: str) -> None:
    assert validation.user_name(f" {name} ") == name


@pytest.mark.parametrize("name", ["lobby", "the b\u00f6ard room", "50 %", "a?b#c", "\U0001f511", "a" * 80])
def test_names_of_rooms(name: str) -> None:
    assert validation.room_name(name) == name


@pytest.mark.parametrize("text", ["x", " x ", "a\nb", "a" * 16384, "\u00e9" * 8192])
def test_a_text_is_never_changed(text: str) -> None:
    assert validation.text(text) is text


@pytest.mark.parametrize("value", ["0", "007", str(2**63 - 1)])
def test_cursors(value: str) -> None:
    assert validation.cursor(value) == int(value)


def test_an_id_too_large_for_any_stands_for_one_that_nothing_has() -> None:
    assert validation.id_of("17") == 17
    assert validation.id_of("9" * 19) == validation.id_of("9" * 5000) == validation.LARGEST_ID


# Whatever comes


@given(ANYTHING)
def test_a_name_that_is_taken_never_reads_as_an_id(name: str) -> None:
    for rule in (validation.user_name, validation.room_name):
        try:
            taken = rule(name)
        except Invalid:
            continue
        assert not validation.is_id(taken) and not validation.is_id(validation.name_key(taken))
        assert rule(taken) == taken
        assert unicodedata.is_normalized("NFC", taken)


@given(ANYTHING)
def test_a_key_is_the_same_for_what_reads_the_same(name: str) -> None:
    key = validation.name_key(name)
    assert "\0" not in key
    assert validation.name_key(f"  {name} ") == key
    assert validation.name_key(unicodedata.normalize("NFD", name)) == key


@given(ANYTHING)
def test_the_key_of_a_taken_name_finds_it_in_capitals(name: str) -> None:
    try:
        taken = validation.user_name(name)
    except Invalid:
        return
    assert validation.name_key(taken) == validation.name_key(taken.casefold())


@given(ANYTHING)
def test_every_rule_answers_or_raises_invalid(value: str) -> None:
    for rule in (
        validation.user_name,
        validation.room_name,
        validation.password,
        validation.text,
        validation.idempotency_key,
        validation.cursor,
    ):
        with suppress(Invalid):
            rule(value)


@given(st.integers(-(2**70), 2**70), st.integers(0, 1000), st.integers(0, 1000))
def test_a_whole_number_lies_within_its_bounds(number: int, one: int, other: int) -> None:
    low, high = sorted((one, other))
    if low <= number <= high:
        assert validation.whole_number(str(number), low, high) == number
    else:
        with pytest.raises(Invalid, match=f"{low} to {high}"):
            validation.whole_number(str(number), low, high)
