"""The record goes back to an earlier state, or the log is of another past: a new epoch begins, and whoever saw what was lost is reset.

Failovers between real servers: bin/faults."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine, create_engine, text

from chat.config import Settings
from chat.services import epochs, events
from chat.services.database import engine_options
from chat.services.log_stream import STREAM
from tests.harness.deadline import eventually
from tests.harness.people import Person
from tests.harness.server import Server
from tests.harness.streams import EventStream
from tests.harness.tables import execute, log_head

GO_BACK = """
    WITH gone AS (DELETE FROM events WHERE id > :kept), counted AS (UPDATE rooms SET messages = 0)
    UPDATE log SET head = :kept
"""
NEW_ORIGIN = "UPDATE log SET origin = 'another system'"
LOST = 5  # messages


@pytest.fixture
def server(mended_server: Server) -> Server:
    return mended_server


@pytest.fixture
def reads(settings: Settings) -> Iterator[Engine]:
    engine = create_engine(settings.database_url, **engine_options())
    yield engine
    engine.dispose()


# The epoch in the database


def test_a_database_has_one_epoch_from_its_first_day(reads: Engine) -> None:
    state = epochs.state(reads)
    assert (state.head, len(state.epochs.names), state.epochs.gaps) == (0, 1, ())
    assert epochs.state(reads) == state, "asking begins nothing"


def test_a_database_of_another_origin_begins_an_epoch_once(reads: Engine, settings: Settings) -> None:
    """A standby that was promoted, or a dump in another database."""
    execute(settings.database_url, "UPDATE log SET head = 7")
    execute(settings.database_url, NEW_ORIGIN)
    state = epochs.state(reads)
    assert state.epochs.gaps == ((7, state.head),)
    assert state.head > 1_000_000, "no id that was taken before comes again"
    assert epochs.state(reads) == state


def test_a_transaction_that_takes_an_id_begins_the_epoch_before(reads: Engine, settings: Settings) -> None:
    execute(settings.database_url, NEW_ORIGIN)
    with events.appending(reads) as connection:
        above = connection.scalar(text("SELECT head FROM log"))
    assert above > 1_000_000
    assert len(epochs.state(reads).epochs.names) == 2


def test_a_head_below_what_was_committed_begins_an_epoch_above_that(reads: Engine) -> None:
    """A disk that was set back: same system, same timeline."""
    state = epochs.state(reads, known=5_000_000_000_000)
    assert state.epochs.gaps == ((0, state.head),)
    assert state.head > 5_000_000_000_000


def test_after_restore_begins_an_epoch(reads: Engine) -> None:
    first = epochs.begin(reads)
    assert epochs.state(reads).epochs.gaps == ((0, first),)


# A record that goes back under a running service


@pytest.fixture
def streams(alice: Person, room: int) -> Iterator[list[EventStream]]:
    """Some on each worker."""
    with ExitStack() as stack:
        opened = [stack.enter_context(alice.stream_room(room)) for _ in range(6)]
        for stream in opened:
            stream.until(lambda frame: frame.id is not None)
        yield opened


def subscribe(room: int, cursor: int) -> str:
    return f"/room/{room}/subscribe?after={cursor}"


def lose(server: Server, bob: Person, room: int, streams: list[EventStream]) -> tuple[int, int]:
    """Everybody saw some messages that the record then lacks. Returns the last id that it kept, and the last that was lost."""
    kept = bob.post(room, "kept")["id"]
    lost = [bob.post(room, f"lost {number}")["id"] for number in range(LOST)]
    for stream in streams:
        assert [stream.next_message()["id"] for _ in range(LOST + 1)] == [kept, *lost]
    execute(server.database_url, GO_BACK, {"kept": kept})
    return kept, lost[-1]


def test_streams_that_saw_what_was_lost_are_reset_and_go_on(
    server: Server, alice: Person, bob: Person, room: int, streams: list[EventStream]
) -> None:
    kept, lost = lose(server, bob, room, streams)
    after = bob.post(room, "after")["id"]
    assert after > lost + 1_000_000
    for stream in streams:
        [*_, reset] = stream.until(lambda frame: frame.event == "reset")
        assert (reset.id, reset.json()) == (kept, {"cursor": kept})
        assert stream.next_message()["id"] == after
    with alice.stream_room(room) as late:
        assert late.next_frame().id is None  # the time to wait before a reconnect
        assert late.next_frame().id == after


def test_nobody_posts_and_it_is_noticed(server: Server, bob: Person, room: int, streams: list[EventStream]) -> None:
    kept, _ = lose(server, bob, room, streams)
    for stream in streams:
        [*_, reset] = stream.until(lambda frame: frame.event == "reset")
        assert reset.id == kept
    assert server.is_ready()


@pytest.mark.usefixtures("streams")
def test_a_cursor_of_what_was_lost_is_reset_on_either_transport(
    server: Server, alice: Person, bob: Person, room: int, streams: list[EventStream]
) -> None:
    kept, lost = lose(server, bob, room, streams)
    after = bob.post(room, "after")["id"]
    eventually(lambda: alice.poll(subscribe(room, lost)) == {"events": [], "cursor": kept, "reset": True})
    polled = alice.poll(subscribe(room, kept))
    assert ([event["id"] for event in polled["events"]], "reset" in polled) == ([after], False)
    with alice.stream_room(room, last_event_id=lost) as stream:
        [*_, reset] = stream.until(lambda frame: frame.event == "reset")
        assert reset.id == kept
        assert stream.next_message()["id"] == after


def test_a_waiting_poll_is_reset(server: Server, alice: Person, bob: Person, room: int, streams: list[EventStream]) -> None:
    kept = bob.post(room, "kept")["id"]
    lost = bob.post(room, "lost")["id"]
    eventually(lambda: alice.poll(subscribe(room, kept))["cursor"] == lost)
    execute(server.database_url, GO_BACK, {"kept": kept})
    assert alice.poll(subscribe(room, lost) + "&wait=25") == {"events": [], "cursor": kept, "reset": True}


# A log of another past


def foreign(redis: Redis, ids: range, epoch: bytes | None) -> None:
    """Entries that nobody committed, at the end of the log."""
    newest: Any = redis.xrevrange(STREAM, count=1)
    route = newest[0][1][b"route"]
    for number in ids:
        frame = b'id: %d\nevent: message\ndata: {"id":%d,"type":"message","text":"never written"}\n\n' % (number, number)
        entry: Any = {b"route": route, b"frame": frame} | ({b"epoch": epoch} if epoch else {})
        redis.xadd(STREAM, entry, id=f"{number}-0")


@pytest.mark.parametrize("epoch", [b"another", None], ids=["of another epoch", "of no epoch"])
def test_entries_that_nobody_committed_are_never_delivered(
    server: Server, bob: Person, room: int, streams: list[EventStream], epoch: bytes | None
) -> None:
    """A Redis that failed over to a log of another past, or served another service."""
    bob.post(room, "before")
    for stream in streams:
        stream.next_message()
    head = log_head(server.database_url)
    with Redis.from_url(server.redis_url) as redis:
        foreign(redis, range(head + 1, head + 4), epoch)
        posted = [bob.post(room, f"after {number}")["id"] for number in range(5)]
        for stream in streams:
            assert [stream.next_message()["id"] for _ in posted] == posted
        if epoch:  # an entry of no epoch may stay: everybody reads the database instead
            eventually(lambda: all(b"never written" not in fields[b"frame"] for _, fields in redis.xrange(STREAM)))


def test_each_entry_of_the_log_names_its_epoch(server: Server, bob: Person, room: int) -> None:
    bob.post(room, "hello")
    [(name,)] = execute(server.database_url, "SELECT name FROM epochs ORDER BY first DESC LIMIT 1")
    with Redis.from_url(server.redis_url) as redis:
        eventually(lambda: redis.xrevrange(STREAM, count=1)[0][1][b"epoch"] == name.encode())
