"""Events as bytes: encoded once, read back as they were, on one line whatever they hold."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.domain import sse
from chat.domain.close_reason import CloseReason
from chat.domain.event import Event
from chat.domain.payload import POLL_EVENTS, Payload, polled
from chat.domain.record import Record, encode
from tests.harness.frames import FrameParser

NOON = datetime(2024, 2, 29, 12, 0, 0, 123456, tzinfo=UTC)


def record(event_id: int, text: str = "hi", recipient: int | None = None) -> Record:
    kind, name = ("direct", None) if recipient else ("open", "lobby")
    return Record(event_id, "message", 3, kind, name, 2, "ada", recipient, None, text, NOON)  # type: ignore[arg-type]


def events(*ids: int) -> list[Event]:
    return [encode(record(event_id)) for event_id in ids]


def test_a_message_is_as_the_contract_has_it() -> None:
    assert json.loads(encode(record(17)).data) == {
        "id": 17,
        "kind": "message",
        "room": {"id": 3, "name": "lobby", "kind": "open"},
        "sender": {"id": 2, "name": "ada"},
        "text": "hi",
        "created_at": "2024-02-29T12:00:00.123456Z",
    }


def test_a_join_names_who_joined() -> None:
    joined = encode(Record(18, "join", 3, "open", "lobby", 2, "ada", None, None, None, NOON))
    shown = json.loads(joined.data)
    assert (shown["kind"], shown["user"], shown["room"]["id"]) == ("join", {"id": 2, "name": "ada"}, 3)


def test_where_an_event_goes() -> None:
    assert encode(record(1)).channels == (("room", 3),)
    assert set(encode(record(1, recipient=5)).channels) == {("room", 3), ("inbox", 5), ("conversations", 5), ("conversations", 2)}
    joined = Record(18, "join", 3, "open", "lobby", 2, "ada", None, None, None, NOON)
    assert set(encode(joined).channels) == {("room", 3), ("control", 2)}
    ended = Record(19, "session_ended", None, None, None, 2, "ada", None, 7, None, NOON, "signed_out")
    assert encode(ended).channels == (("control", 2),)


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_a_frame_holds_any_text_on_one_line(text: str) -> None:
    event = encode(record(17, text))
    (frame,) = FrameParser().feed(event.frame)
    assert (frame.id, frame.event, frame.json()["text"]) == (17, "message", text)
    assert event.frame.count(b"\n") == 4 and b"\r" not in event.frame
    assert json.loads(event.data)["text"] == text


@given(st.lists(st.integers(1, 1000), min_size=1, unique=True).map(sorted), st.integers(0, 1001))
def test_what_is_after_a_cursor_is_all_of_it_and_nothing_else(ids: list[int], cursor: int) -> None:
    rest = Payload(events(*ids)).after(cursor)
    expected = [number for number in ids if number > cursor]
    assert ([event.id for event in rest.events] if rest else []) == expected
    if rest is not None:
        assert (rest.first, rest.last) == (expected[0], expected[-1])


@given(st.lists(st.integers(1, 1000), min_size=1, unique=True).map(sorted))
def test_stream_and_poll_carry_the_same_events(ids: list[int]) -> None:
    payload = Payload(events(*ids))
    streamed = [frame.json() for frame in FrameParser().feed(payload.sse)]
    assert json.loads(payload.poll) == {"events": streamed, "cursor": ids[-1]}


def test_a_payload_is_encoded_once() -> None:
    payload = Payload(events(1, 2))
    assert payload.sse is payload.sse and payload.poll is payload.poll


def test_a_poll_that_is_cut_off_continues_where_it_ended() -> None:
    answer = json.loads(Payload(events(*range(1, POLL_EVENTS + 2))).poll)
    assert (len(answer["events"]), answer["cursor"]) == (POLL_EVENTS, POLL_EVENTS)


def test_an_empty_poll_is_only_a_cursor() -> None:
    assert json.loads(polled((), 17)) == {"events": [], "cursor": 17}


@pytest.mark.parametrize(
    ("frame", "fields"),
    [
        (sse.heartbeat(17), {"id": 17, "event": "heartbeat", "data": "{}"}),
        (sse.reset(17), {"id": 17, "event": "reset", "data": '{"cursor":17}'}),
        (sse.bye(900), {"event": "bye", "retry": 900, "data": '{"retry":900}'}),
        (sse.end(CloseReason.LEFT), {"event": "end", "data": '{"reason":"left"}'}),
    ],
)
def test_frames_of_the_service_itself(frame: bytes, fields: dict[str, object]) -> None:
    (parsed,) = FrameParser().feed(frame)
    assert {name: value for name in ("id", "event", "data", "retry") if (value := getattr(parsed, name)) is not None} == fields


def test_a_streams_first_bytes_set_the_cursor_and_fire_nothing() -> None:
    frames = FrameParser().feed(sse.hello(16))
    assert [(frame.retry, frame.id, frame.data) for frame in frames] == [(sse.RETRY_MS, None, None), (None, 16, None)]
