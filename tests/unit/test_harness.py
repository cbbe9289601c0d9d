"""The test clients read streams as the HTML standard says, however the network splits them."""

import pytest

from tests.harness.deadline import eventually
from tests.harness.frames import Frame, FrameParser
from tests.harness.keyspaces import numbered
from tests.harness.wire import Exchange, target

STREAM = b'retry: 2400\n\nid: 16\n\n: a comment\n\nid: 17\nevent: message\ndata: {"text":"\xc3\xa4"}\n\nid: 18\nevent: mess'
FRAMES = [
    Frame(retry=2400),
    Frame(id=16),
    Frame(),
    Frame(id=17, event="message", data='{"text":"ä"}'),
]
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"


def test_frames_are_the_same_whatever_the_cuts() -> None:
    for size in range(1, len(STREAM)):
        parser = FrameParser()
        pieces = (STREAM[at : at + size] for at in range(0, len(STREAM), size))
        assert [frame for piece in pieces for frame in parser.feed(piece)] == FRAMES


def test_a_frame_cut_off_by_the_end_never_happened() -> None:
    assert FrameParser().feed(b"id: 18\nevent: message\ndata: {}\n") == []


def test_an_answer_that_ends_with_its_connection_is_whole() -> None:
    exchange = Exchange("GET", "/", {"Host": "chat.test"})
    assert exchange.feed(ANSWER + b"\r\nid: 1\n\n") == b"id: 1\n\n"
    assert not exchange.finished
    exchange.feed(b"")
    assert (exchange.finished, exchange.cut, exchange.status) == (True, False, 200)


@pytest.mark.parametrize("sent", [b"", ANSWER, ANSWER + b"Content-Length: 5\r\n\r\nhel"])
def test_an_answer_that_was_cut_off_is_known_to_be(sent: bytes) -> None:
    exchange = Exchange("GET", "/", {"Host": "chat.test"})
    exchange.feed(sent)
    exchange.feed(b"")
    assert exchange.finished and exchange.cut


def test_a_target_leaves_out_what_is_not_given() -> None:
    assert target("/subscribe", after=0, wait=None, room=[1, 2]) == "/subscribe?after=0&room=1&room=2"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://localhost:6379/0", "redis://localhost:6379/0?db=3"),
        ("unix:///run/valkey.sock?db=0", "unix:///run/valkey.sock?db=3"),
    ],
)
def test_a_numbered_database_is_on_the_same_server(url: str, expected: str) -> None:
    assert numbered(url, 3) == expected


def test_a_deadline_says_what_did_not_happen() -> None:
    def alice_arrives() -> bool:
        return False

    with pytest.raises(AssertionError, match=r"alice_arrives not within 0\.05 s; the last answer was False"):
        eventually(alice_arrives, within=0.05)


def test_what_happens_later_is_waited_for() -> None:
    looks = iter([None, None, "bob"])
    assert eventually(lambda: next(looks)) == "bob"
