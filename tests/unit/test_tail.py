"""The tail in memory returns what history would return, for every cursor at or above its floor."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.domain.event import Channel, Event, control_channel, conversations_channel, inbox_channel, room_channel
from chat.domain.tail import EVENT_OVERHEAD, Tail

PEOPLE = st.integers(1, 3)
ROOMS = st.integers(1, 3)
CHANNELS = [make(whose) for make in (room_channel, inbox_channel, conversations_channel, control_channel) for whose in (1, 2, 3)]
MOST_EVENTS = 8
MOST_BYTES = 10 * (EVENT_OVERHEAD + 20)


def said(event_id: int, room: int = 1, size: int = 20) -> Event:
    return Event(event_id, "message", room, 1, None, None, b"x" * size)


def ids(events: list[Event]) -> list[int]:
    return [event.id for event in events]


@st.composite
def events(draw: st.DrawFn) -> list[Event]:
    """What a log may hold: ids ascend, some are missing, and rooms, people and sizes mix."""
    steps = draw(st.lists(st.integers(1, 3), max_size=30))
    numbers = [sum(steps[: place + 1]) for place in range(len(steps))]
    return [draw(event(number)) for number in numbers]


@st.composite
def event(draw: st.DrawFn, event_id: int) -> Event:
    kind = draw(st.sampled_from(["message", "direct", "join", "leave", "session_ended"]))
    sender, frame = draw(PEOPLE), b"x" * draw(st.integers(1, 2 * EVENT_OVERHEAD))
    if kind == "session_ended":
        return Event(event_id, "session_ended", None, sender, None, 1, frame)
    if kind == "direct":
        return Event(event_id, "message", 9, sender, draw(PEOPLE), None, frame)
    return Event(event_id, kind, draw(ROOMS), sender, None, None, frame)  # type: ignore[arg-type]


@st.composite
def batches(draw: st.DrawFn, whole: list[Event]) -> list[list[Event]]:
    cuts = sorted(draw(st.lists(st.integers(0, len(whole)), max_size=5)))
    return [whole[start:end] for start, end in pairwise([0, *cuts, len(whole)])]


def model(history: list[Event], channels: list[Channel], cursor: int, most: int) -> list[Event]:
    """The reference: looks at every event."""
    wanted = [event for event in history if event.id > cursor and set(event.channels) & set(channels)]
    return sorted(wanted, key=lambda event: event.id)[:most]


@settings(deadline=None)
@given(st.data())
def test_the_tail_gives_what_history_would_give_from_every_cursor(data: st.DataObject) -> None:
    history: list[Event] = data.draw(events())
    tail = Tail(0, MOST_EVENTS, MOST_BYTES)
    for batch in data.draw(batches(history)):
        tail.extend(batch)
        known = history[: history.index(batch[-1]) + 1] if batch else [event for event in history if event.id <= tail.head]
        channels = data.draw(st.lists(st.sampled_from(CHANNELS), unique=True))
        most = data.draw(st.integers(1, 12))
        for cursor in range(tail.floor, tail.head + 2):
            assert tail.after(channels, cursor, most) == model(known, channels, cursor, most)


@settings(deadline=None)
@given(st.data())
def test_what_is_forgotten_is_as_if_it_had_no_row_and_everything_else_stays(data: st.DataObject) -> None:
    history: list[Event] = data.draw(events())
    tail = Tail(0, MOST_EVENTS, MOST_BYTES)
    forgotten: set[int] = set()
    for batch in data.draw(batches(history)):
        tail.extend(batch)
        floor, head = tail.floor, tail.head
        room, but = data.draw(ROOMS), data.draw(st.integers(0, 20))
        tail.forget(room_channel(room), but)
        assert (tail.floor, tail.head) == (floor, head)
        forgotten |= {event.id for event in history if event.id <= head and room_channel(room) in event.channels and event.id != but}
        left = [event for event in history if event.id <= head and event.id not in forgotten]
        said_in = [channel for channel in CHANNELS if channel[0] != "control"]
        for cursor in range(tail.floor, tail.head + 2):
            assert tail.after(said_in, cursor, 12) == model(left, said_in, cursor, 12)
        traces = [event for event in tail.after(CHANNELS, tail.floor, 100) if event.id in forgotten]
        assert all(event.frame == b"" for event in traces)
        assert tail._bytes == sum(len(event.frame) + EVENT_OVERHEAD for event in tail._events)


@settings(deadline=None)
@given(events())
def test_the_tail_is_bounded_and_has_no_hole(history: list[Event]) -> None:
    tail = Tail(0, MOST_EVENTS, MOST_BYTES)
    for one in history:
        tail.extend([one])
        assert tail.head == one.id
        assert len(tail) <= MOST_EVENTS
        kept = model(history, CHANNELS, tail.floor, 100)[: len(tail)]
        assert len(kept) == len(tail) == len(tail.after(CHANNELS, tail.floor, 100))
        assert sum(len(event.frame) + EVENT_OVERHEAD for event in kept) <= MOST_BYTES


def test_a_new_tail_knows_of_nothing_and_begins_at_the_head() -> None:
    tail = Tail(41)
    assert (tail.floor, tail.head, len(tail)) == (41, 41, 0)
    assert tail.after([room_channel(1)], 41, 10) == []


def test_only_what_is_above_the_head_is_taken() -> None:
    tail = Tail(41)
    with pytest.raises(AssertionError):
        tail.extend([said(41)])


def test_ids_without_a_row_are_passed_over() -> None:
    tail = Tail(0)
    tail.extend([said(1), said(4)])
    tail.advance(7)
    tail.advance(5)
    assert (tail.head, ids(tail.after([room_channel(1)], 1, 10))) == (7, [4])
    with pytest.raises(AssertionError):
        tail.extend([said(6)])


def test_an_event_in_several_channels_comes_once() -> None:
    tail = Tail(0)
    tail.extend([Event(1, "message", 9, 1, 2, None, b"x"), Event(2, "join", 9, 1, None, None, b"x")])
    assert ids(tail.after([conversations_channel(1), conversations_channel(2), inbox_channel(2)], 0, 10)) == [1]
    assert ids(tail.after([room_channel(9), control_channel(1), inbox_channel(2)], 0, 10)) == [1, 2]


def test_the_oldest_go_first_and_raise_the_floor() -> None:
    tail = Tail(0, most_events=3)
    tail.extend(said(number, room=number % 2) for number in range(1, 11))
    assert (tail.floor, tail.head, len(tail)) == (7, 10, 3)
    assert ids(tail.after([room_channel(0), room_channel(1)], 7, 10)) == [8, 9, 10]


def test_one_event_that_is_larger_than_the_bound_goes_too() -> None:
    tail = Tail(0, most_bytes=EVENT_OVERHEAD + 100)
    tail.extend([said(1), said(2, size=500)])
    assert (tail.floor, tail.head, len(tail)) == (2, 2, 0)


def test_of_a_forgotten_room_only_the_one_event_is_left() -> None:
    tail = Tail(0)
    joined, closed = Event(1, "join", 7, 5, None, None, b"alice"), Event(4, "room_closed", 7, 0, None, None, b"closed")
    tail.extend([joined, said(2, room=7), said(3, room=8), closed])
    tail.forget(room_channel(7), 4)
    assert (tail.floor, tail.head, len(tail)) == (0, 4, 3)
    assert tail.after([room_channel(7)], 0, 10) == [closed]
    assert ids(tail.after([room_channel(7), room_channel(8)], 0, 10)) == [3, 4]


def test_who_is_about_to_resume_still_learns_that_its_rights_have_changed() -> None:
    """A member was removed, and then the room ended: the tail keeps the fact, and not the text."""
    tail = Tail(0)
    tail.extend([Event(1, "removed", 7, 5, None, None, b"alice"), said(2, room=7)])
    tail.forget(room_channel(7), 3)
    assert [(event.id, event.frame) for event in tail.after([control_channel(5)], 0, 10)] == [(1, b"")]
    tail.forget(room_channel(7), 3)
    assert len(tail) == 1


def test_a_channel_without_events_takes_no_memory() -> None:
    tail = Tail(0, most_events=2)
    tail.extend(said(number, room=number) for number in range(1, 100))
    assert len(tail._channels) == 2
