"""The timeline of a room in the terminal: wrapping, scrolling, corrections, bounds."""

from hypothesis import given
from hypothesis import strategies as some
from prompt_toolkit.utils import get_cwidth

from chat.terminal.timeline import MOST_ENTRIES, Timeline
from chat.terminal.wrapping import wrap

HEIGHT = 5


def message(number: int, text: str = "hello") -> dict[str, object]:
    return {"id": number, "kind": "message", "sender": {"name": "alice"}, "text": f"{text} {number}", "created_at": "2026-01-01T12:00:00Z"}


def filled(count: int) -> Timeline:
    timeline = Timeline(get_cwidth)
    timeline.visible(80, HEIGHT)
    for number in range(1, count + 1):
        timeline.add(message(number))
    return timeline


def shown(timeline: Timeline) -> list[str]:
    return ["".join(text for _, text in line).partition(": ")[2] for line in timeline.visible(80, HEIGHT)]


@given(some.text(some.sampled_from("ab 你👩"), max_size=60), some.integers(4, 30))
def test_a_wrapped_line_fits_and_loses_nothing(text: str, width: int) -> None:
    lines = ["".join(piece for _, piece in line) for line in wrap([("red", text)], width, get_cwidth)]
    assert all(get_cwidth(line) <= width for line in lines)
    unset = [lines[0], *(line[2:] if width > 8 else line for line in lines[1:])]
    assert "".join(unset) == text


def test_the_newest_lines_are_shown() -> None:
    assert shown(filled(9)) == [f"hello {number}" for number in range(5, 10)]
    assert shown(filled(2)) == ["hello 1", "hello 2"]


def test_a_scrolled_timeline_stays_in_its_place_while_events_come() -> None:
    timeline = filled(20)
    timeline.scroll(3)
    before = shown(timeline)
    timeline.add(message(21))
    assert shown(timeline) == before
    timeline.scroll(-timeline.offset)
    assert shown(timeline)[-1] == "hello 21"


def test_older_messages_come_before_and_move_nothing() -> None:
    timeline = filled(8)
    timeline.scroll(100)
    before = shown(timeline)
    timeline.prepend([message(-1), message(0)])
    assert shown(timeline) == before
    assert timeline.oldest == -1
    timeline.scroll(2)
    assert shown(timeline)[0] == "hello -1"


def test_a_transcript_is_bounded() -> None:
    timeline = filled(MOST_ENTRIES + 1)
    timeline.scroll(10 * MOST_ENTRIES)
    assert shown(timeline)[0] != "hello 1"
    assert shown(filled(MOST_ENTRIES + 1))[-1] == f"hello {MOST_ENTRIES + 1}"


def test_older_messages_are_fetched_from_the_oldest_that_a_trimmed_timeline_has() -> None:
    timeline = filled(MOST_ENTRIES + 2)
    timeline.scroll(10 * MOST_ENTRIES)
    assert shown(timeline)[0] == f"hello {timeline.oldest}"


def test_a_correction_changes_the_message_in_its_place() -> None:
    timeline = filled(4)
    about = {"user": {"name": "alice"}, "created_at": "2026-01-01T12:01:00Z"}
    timeline.add({"id": 5, "kind": "edited", "message": {"id": 2, "text": "hi", "edited_at": "2026-01-01T12:01:00Z"}, **about})
    timeline.add({"id": 6, "kind": "deleted", "message": {"id": 3}, **about})
    timeline.add({"id": 7, "kind": "reacted", "message": {"id": 1}, "emoji": "x", **about})
    assert shown(timeline) == ["hello 1", "hi (edited)", "(deleted)", "hello 4"]


def test_a_correction_of_a_message_that_is_not_shown_is_a_line_of_its_own() -> None:
    timeline = filled(1)
    about = {"user": {"name": "alice"}, "created_at": "2026-01-01T12:01:00Z"}
    timeline.add({"id": 5, "kind": "edited", "message": {"id": -2, "text": "hi", "edited_at": "2026-01-01T12:01:00Z"}, **about})
    timeline.add({"id": 6, "kind": "deleted", "message": {"id": -3}, **about})
    lines = ["".join(text for _, text in line) for line in timeline.visible(80, HEIGHT)]
    assert [line.partition(" · ")[2] for line in lines[1:]] == ["alice edited message -2: hi", "alice deleted message -3"]
