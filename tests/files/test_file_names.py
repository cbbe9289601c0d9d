"""File names and file types: any input becomes a harmless one."""

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis.strategies import binary, sampled_from, text

from chat.domain.files import HEAD_BYTES, NAME_LENGTH, PICTURES, SHOWN, UNKNOWN, disposition, file_name, sniff

FIELD = re.compile(r"(inline|attachment); filename=\"([A-Za-z0-9 ._()+=,-]+)\"; filename\*=UTF-8''([A-Za-z0-9%!#$&+.^_`|~-]+)")


@given(text())
def test_any_name_becomes_one_for_people(given_name: str) -> None:
    name = file_name(given_name)
    assert 0 < len(name) <= NAME_LENGTH and name.isprintable() and name == name.strip()
    assert not set(name) & {"/", "\\"} and name.strip(". ") and name != "preview"
    assert file_name(name) == name or "%22" in name


@given(text(), sampled_from(sorted(SHOWN | {UNKNOWN})))
def test_any_name_stays_inside_its_header(given_name: str, kind: str) -> None:
    name = file_name(given_name)
    field = FIELD.fullmatch(disposition(kind, name))
    assert field and unquote(field[3]) == name
    assert field[1] == ("inline" if kind in SHOWN else "attachment")


@given(binary(max_size=HEAD_BYTES))
def test_any_bytes_are_of_a_type_that_is_harmless(head: bytes) -> None:
    assert sniff(head) in SHOWN | {UNKNOWN}


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/pdf", "text/plain", "application/xml", "text/javascript"])
def test_what_may_hold_a_script_is_never_shown(kind: str) -> None:
    assert kind not in SHOWN | PICTURES
    assert disposition(kind, "a").startswith("attachment;")


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("photo.png", "photo.png"),
        ("/home/ada/photo.png", "photo.png"),
        ("C:\\fakepath\\photo.png", "photo.png"),
        ("say %22hi%22.txt", 'say "hi".txt'),
        (".bashrc", ".bashrc"),
        ("..", "file"),
        ("", "file"),
        ("\u202egnp.exe", "gnp.exe"),
        ("e\u0301.txt", "\u00e9.txt"),
        ("a" * 200 + ".txt", "a" * 146 + ".txt"),
        ("a" * 200, "a" * 150),
        ("a." + "b" * 200, "a." + "b" * 148),
    ],
)
def test_a_name_is_the_last_part_of_its_path(given_name: str, name: str) -> None:
    assert file_name(given_name) == name
