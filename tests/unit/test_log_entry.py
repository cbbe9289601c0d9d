"""The codec of the log's entries: during a deploy, workers of the version before read and write the same stream."""

import re
from pathlib import Path

import pytest

from chat.domain.event import Event
from chat.services import log_stream
from chat.services.log_entry import Route, decode_entry, encode_entry

FRAME = b'id: 57\nevent: message\ndata: {"id":57}\n\n'
OF_THE_VERSION_BEFORE = [
    (b"message 3 5 0 0 0 plain", Event(57, "message", 3, 5, None, None, FRAME)),
    (b"message 3 5 8 0 21 plain", Event(57, "message", 3, 5, 8, None, FRAME, about_id=21)),
    (b"room_closed 3 0 0 0 0 plain", Event(57, "room_closed", 3, 0, None, None, FRAME)),
    (b"session_ended 0 5 0 12 0 plain", Event(57, "session_ended", None, 5, None, 12, FRAME)),
    (b"edited 3 5 0 0 21 guarded", Event(57, "edited", 3, 5, None, None, FRAME, about_id=21, guarded=True)),
]


@pytest.mark.parametrize(("route", "event"), OF_THE_VERSION_BEFORE)
def test_an_entry_of_the_version_before_is_read(route: bytes, event: Event) -> None:
    assert decode_entry(b"57-0", {b"route": route, b"frame": FRAME}) == event


@pytest.mark.parametrize(("route", "event"), OF_THE_VERSION_BEFORE)
def test_the_version_before_reads_ours(route: bytes, event: Event) -> None:
    """It takes the route apart by position: every word stays where it was."""
    assert encode_entry(event) == {"route": route.decode(), "frame": FRAME}


@pytest.mark.parametrize("fields", [{b"route": b"message 3 5 0 0", b"frame": FRAME}, {b"frame": FRAME}, {b"route": b"message a b c d e f"}])
def test_an_entry_of_another_form_is_an_error(fields: dict[bytes, bytes]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        decode_entry(b"57-0", fields)


def test_the_script_reads_the_words_that_it_names() -> None:
    assert Route._fields[:2] == ("kind", "room_id")


@pytest.mark.parametrize("script", sorted(log_stream.SCRIPTS.glob("*.lua")), ids=lambda script: script.name)
def test_the_arguments_of_a_script_have_names(script: Path) -> None:
    """Below its head none is read by a number."""
    body = script.read_text().split("\n\n", 1)[1]
    assert re.findall(r"(?:ARGV|KEYS)\[\d+\]", body) == []
