"""How lines are wrapped, and what stays where it is while others speak."""

from hypothesis import given
from hypothesis import strategies as some
from prompt_toolkit.utils import get_cwidth

from chat.terminal.transcript import MOST_ENTRIES, Transcript, wrap

HEIGHT = 5


def message(number: int, text: str = "hello") -> dict[str, object]:
    return {"id": number, "kind": "message", "sender": {"name": "alice"}, "text": f"{text} {number}", "created_at": "2026-01-01T12:00:00Z"}


def filled(count: int) -> Transcript:
    transcript = Transcript(get_cwidth)
    transcript.visible(80, HEIGHT)
    for number in range(1, count + 1):
        transcript.add(message(number))
    return transcript


def shown(transcript: Transcript) -> list[str]:
    return ["".join(text for _, text in line).partition(": ")[2] for line in transcript.visible(80, HEIGHT)]


@given(some.text(some.sampled_from("ab 你👩"), max_size=60), some.integers(4, 30))
def test_a_wrapped_line_fits_and_loses_nothing(text: str, width: int) -> None:
    lines = ["".join(piece for _, piece in line) for line in wrap([("red", text)], width, get_cwidth)]
    assert all(get_cwidth(line) <= width for line in lines)
    unset = [lines[0], *(line[2:] if width > 8 else line for line in lines[1:])]
    assert "".join(unset) == text


def test_the_newest_lines_are_shown() -> None:
    assert shown(filled(9)) == [f"hello {number}" for number in range(5, 10)]
    assert shown(filled(2)) == ["hello 1", "hello 2"]


def test_who_has_scrolled_up_stays_there_while_others_speak() -> None:
    transcript = filled(20)
    transcript.scroll(3)
    before = shown(transcript)
    transcript.add(message(21))
    assert shown(transcript) == before
    transcript.scroll(-transcript.offset)
    assert shown(transcript)[-1] == "hello 21"


def test_older_messages_come_before_and_move_nothing() -> None:
    transcript = filled(8)
    transcript.scroll(100)
    before = shown(transcript)
    transcript.put_before([message(-1), message(0)])
    assert shown(transcript) == before
    assert transcript.oldest == -1
    transcript.scroll(2)
    assert shown(transcript)[0] == "hello -1"


def test_a_transcript_is_bounded() -> None:
    transcript = filled(MOST_ENTRIES + 1)
    transcript.scroll(10 * MOST_ENTRIES)
    assert shown(transcript)[0] != "hello 1"
    assert shown(filled(MOST_ENTRIES + 1))[-1] == f"hello {MOST_ENTRIES + 1}"


def test_what_corrects_a_message_changes_it_where_it_stands() -> None:
    transcript = filled(4)
    about = {"user": {"name": "alice"}, "created_at": "2026-01-01T12:01:00Z"}
    transcript.add({"id": 5, "kind": "edited", "message": {"id": 2, "text": "hi", "edited_at": "2026-01-01T12:01:00Z"}, **about})
    transcript.add({"id": 6, "kind": "deleted", "message": {"id": 3}, **about})
    transcript.add({"id": 7, "kind": "reacted", "message": {"id": 1}, "emoji": "x", **about})
    assert shown(transcript) == ["hello 1", "hi (edited)", "(deleted)", "hello 4"]


def test_what_corrects_a_message_that_is_not_shown_is_said() -> None:
    transcript = filled(1)
    about = {"user": {"name": "alice"}, "created_at": "2026-01-01T12:01:00Z"}
    transcript.add({"id": 5, "kind": "edited", "message": {"id": -2, "text": "hi", "edited_at": "2026-01-01T12:01:00Z"}, **about})
    transcript.add({"id": 6, "kind": "deleted", "message": {"id": -3}, **about})
    lines = ["".join(text for _, text in line) for line in transcript.visible(80, HEIGHT)]
    assert [line.partition(" · ")[2] for line in lines[1:]] == ["alice edited message -2: hi", "alice deleted message -3"]
