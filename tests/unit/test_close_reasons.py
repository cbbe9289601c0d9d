"""The close reasons are one list: what the documentation, the terminal and the events of ended sessions say agrees with it."""

import re
from pathlib import Path

import pytest

from chat.domain import sse
from chat.domain.close_reason import CloseReason
from chat.terminal import transports

PAGE = Path(__file__).parents[2] / "docs" / "close-reasons.md"
ROW = re.compile(r"^\| `(\w+)` \| (.+) \| (yes|no) \| (?:`(\w+)`|none) \|$", re.MULTILINE)


def test_the_page_has_every_reason_as_the_code_has_it() -> None:
    rows = ROW.findall(PAGE.read_text())
    declared = [(reason.value, reason.happened, "yes" if reason.reconnects else "no", reason.last_frame) for reason in CloseReason]
    assert rows == declared


def test_the_terminal_knows_only_reasons_that_a_stream_can_end_with() -> None:
    ends = {reason.value for reason in CloseReason if reason.last_frame == "end"}
    of_its_own = {"over"}
    assert (transports.SIGN_IN_AGAIN | transports.NO_FAILURE) - of_its_own <= ends
    assert not of_its_own & ends


@pytest.mark.parametrize("reason", CloseReason)
def test_a_reason_is_sent_and_counted_by_its_value(reason: CloseReason) -> None:
    assert sse.end(reason) == b'event: end\ndata: {"reason":"%s"}\n\n' % reason.value.encode()
    assert str(reason) == reason.value


@pytest.mark.parametrize(
    ("written", "reason"),
    [("signed_out", CloseReason.SIGNED_OUT), ("banned", CloseReason.BANNED), ("of another version", CloseReason.SESSION_ENDED)],
)
def test_the_reason_of_an_ended_session_is_one_of_the_list(written: str, reason: CloseReason) -> None:
    assert CloseReason.of_session_end(written) is reason
