"""The log between the workers: an append follows the last entry, and missing events are read from the database first."""

import random
from collections.abc import Iterator
from typing import Any

import gevent
import pytest
from redis import Redis
from sqlalchemy import Engine, create_engine

from chat.config import Settings
from chat.domain.event import Event
from chat.domain.record import encode
from chat.services import events
from chat.services.database import engine_options
from chat.services.log_stream import STREAM, Log, connect
from chat.usecases.publisher import LOST_EVENTS, RESTART_EVENTS, Publisher
from tests.harness.tables import execute, insert_messages, insert_room, insert_user, log_head

OF_ANOTHER_DATABASE = 1_000_000
EPOCH = "first"


@pytest.fixture
def reads(settings: Settings) -> Iterator[Engine]:
    engine = create_engine(settings.database_url, **engine_options())
    yield engine
    engine.dispose()


@pytest.fixture
def redis(settings: Settings) -> Iterator[Redis]:
    """For looking at the log and for spoiling it."""
    with Redis.from_url(settings.redis_url) as connection:
        yield connection


def log_of(settings: Settings) -> Log:
    return Log(connect(settings.redis_url, 4), connect(settings.redis_url, 1))


@pytest.fixture
def log(settings: Settings) -> Log:
    return log_of(settings)


@pytest.fixture
def publisher(settings: Settings, reads: Engine) -> Publisher:
    """The one of some worker."""
    return Publisher(log_of(settings), reads)


@pytest.fixture
def other(settings: Settings, reads: Engine) -> Publisher:
    """The one of another worker."""
    return Publisher(log_of(settings), reads)


class Chat:
    """Alice in her room, who commits without publishing."""

    def __init__(self, database_url: str, reads: Engine) -> None:
        self._url = database_url
        self._reads = reads
        self.alice = insert_user(database_url)
        self.room = insert_room(database_url)

    def commit(self, count: int) -> list[Event]:
        ids = insert_messages(self._url, count, [self.room], self.alice)
        return [encode(row) for row in events.read_range(self._reads, ids[0] - 1, ids[-1], count)]

    @property
    def head(self) -> int:
        return log_head(self._url)


@pytest.fixture
def chat(database_url: str, reads: Engine) -> Chat:
    return Chat(database_url, reads)


def ids(redis: Redis) -> list[int]:
    """What the log holds, in its order."""
    entries: Any = redis.xrange(STREAM)
    return [int(entry_id.partition(b"-")[0]) for entry_id, _ in entries]


def up_to(head: int, first: int = 1) -> list[int]:
    return list(range(first, head + 1))


# Compare and append


def test_an_append_that_does_not_follow_the_end_adds_nothing_and_says_where_the_log_ends(log: Log, redis: Redis, chat: Chat) -> None:
    first, second, third = chat.commit(3)
    assert log.append(0, [first], EPOCH) == 1
    assert log.append(2, [third], EPOCH) == 1
    assert log.append(0, [second], EPOCH) == 1
    assert ids(redis) == [1]


def test_an_entry_comes_out_as_it_went_in(log: Log, chat: Chat) -> None:
    committed = chat.commit(3)
    log.append(0, committed, EPOCH)
    assert log.read(0, 10, 0, EPOCH) == committed
    assert log.read(1, 1, 0, EPOCH) == committed[1:2]
    assert log.newest(2, EPOCH) == committed[1:]
    assert log.end() == (3, EPOCH)
    assert log.read(3, 10, 20, EPOCH) == [], "it waits a moment for more, and says that there is none"


def test_the_room_of_an_entry_of_the_version_before_is_forgotten(log: Log, redis: Redis) -> None:
    """During a deploy its workers write to the same stream."""
    for event_id, route in enumerate(("message 7 5 0 0 0 plain", "message 9 5 0 0 0 plain", "room_closed 7 0 0 0 0 plain"), 1):
        redis.xadd(STREAM, {"route": route, "frame": f"id: {event_id}\nevent: x\ndata: {{}}\n\n"}, id=f"{event_id}-0")
    assert log.forget([7], 3) == 1
    assert [(event.id, event.kind, event.room_id) for event in log.read(0, 10, 0, EPOCH)] == [(2, "message", 9), (3, "room_closed", 7)]


def test_two_workers_that_reach_the_log_in_the_other_order_lose_nothing(
    publisher: Publisher, other: Publisher, redis: Redis, chat: Chat
) -> None:
    """A plain XADD of 6 before 5 would refuse 5 for ever."""
    before, five, six = chat.commit(4), chat.commit(1), chat.commit(1)
    publisher.append(before)
    other.append(six)
    publisher.append(five)
    assert ids(redis) == up_to(6)


def test_whoever_comes_second_with_the_same_finds_it_done(publisher: Publisher, other: Publisher, redis: Redis, chat: Chat) -> None:
    committed = chat.commit(5)
    publisher.append(committed)
    other.append(committed)
    assert ids(redis) == up_to(5)


def test_a_batch_with_anothers_ids_between_its_own_is_completed_from_the_record(publisher: Publisher, redis: Redis, chat: Chat) -> None:
    one, _, three, _, five = chat.commit(5)
    publisher.append([one, three, five])
    assert ids(redis) == up_to(5)


def test_many_workers_at_the_same_time_make_one_log(settings: Settings, reads: Engine, redis: Redis, chat: Chat) -> None:
    shares: list[list[Event]] = [[] for _ in range(5)]  # as many as the engine has connections: here a sixth would hold up all
    for event in chat.commit(600):
        random.choice(shares).append(event)

    def work(mine: list[Event]) -> None:
        publisher = Publisher(log_of(settings), reads)
        for start in range(0, len(mine), 7):
            part = mine[start : start + 7]
            publisher.append(part)
            gevent.sleep(0)

    gevent.joinall([gevent.spawn(work, share) for share in shares], timeout=30, raise_error=True)
    assert ids(redis) == up_to(600)


def test_what_no_worker_remembers_any_more_goes_from_the_beginning(log: Log, redis: Redis, chat: Chat) -> None:
    committed = chat.commit(1000)
    log.append(0, committed[:500], EPOCH)
    log.append(500, committed[500:], EPOCH, floor=900)
    left = ids(redis)
    assert 1 < left[0] <= 901
    assert left == up_to(1000, first=left[0])


# Mending


def test_what_a_dead_worker_left_unpublished_is_appended_by_whoever_is_next(publisher: Publisher, redis: Redis, chat: Chat) -> None:
    chat.commit(3)
    posted = chat.commit(1)
    publisher.append(posted)
    assert ids(redis) == up_to(4)


def test_what_a_dead_worker_left_unpublished_is_appended_by_an_idle_one(publisher: Publisher, redis: Redis, chat: Chat) -> None:
    publisher.append(chat.commit(2))
    chat.commit(1200)
    publisher.mend()
    assert ids(redis) == up_to(1202)


def test_a_whole_log_is_left_as_it_is(publisher: Publisher, redis: Redis, chat: Chat) -> None:
    publisher.append(chat.commit(3))
    before = redis.xinfo_stream(STREAM)["last-generated-id"], ids(redis)
    publisher.mend()
    assert (redis.xinfo_stream(STREAM)["last-generated-id"], ids(redis)) == before


def test_a_log_of_nothing_stays_empty(publisher: Publisher, redis: Redis, chat: Chat) -> None:
    publisher.mend()
    assert (chat.head, ids(redis)) == (0, [])


@pytest.mark.parametrize("by", ["append", "mend"])
def test_a_log_that_was_emptied_begins_again(publisher: Publisher, redis: Redis, chat: Chat, by: str) -> None:
    publisher.append(chat.commit(10))
    redis.flushdb()
    bring_up_to_date(publisher, chat, by)
    assert ids(redis) == up_to(chat.head)


@pytest.mark.parametrize("by", ["append", "mend"])
def test_a_log_that_fell_far_behind_begins_again_near_the_head(publisher: Publisher, redis: Redis, chat: Chat, by: str) -> None:
    publisher.append(chat.commit(10))
    chat.commit(LOST_EVENTS + 1000)
    bring_up_to_date(publisher, chat, by)
    held = ids(redis)
    assert held == up_to(chat.head, first=held[0])
    assert chat.head - RESTART_EVENTS - 1 <= held[0] <= chat.head - RESTART_EVENTS + 1


@pytest.mark.parametrize("by", ["append", "mend"])
def test_a_lost_log_begins_again_near_the_head_and_not_at_1(publisher: Publisher, redis: Redis, chat: Chat, by: str) -> None:
    chat.commit(LOST_EVENTS + 1000)
    bring_up_to_date(publisher, chat, by)
    held = ids(redis)
    assert held == up_to(chat.head, first=held[0])
    assert held[0] >= chat.head - RESTART_EVENTS - 1


def test_a_log_that_is_not_of_this_database_begins_anew(publisher: Publisher, redis: Redis, chat: Chat) -> None:
    """A database restored from a backup, or a Redis that served another one: its last id is beyond the head."""
    spoil(redis, chat)
    chat.commit(5)
    publisher.mend()
    assert ids(redis) == up_to(5)
    publisher.append(chat.commit(1))
    assert ids(redis) == up_to(6)


def test_a_foreign_log_over_an_empty_database_is_emptied(publisher: Publisher, redis: Redis, chat: Chat) -> None:
    spoil(redis, chat)
    publisher.mend()
    assert ids(redis) == []
    publisher.append(chat.commit(1))
    assert ids(redis) == [1]


def test_ids_whose_rows_are_gone_are_skipped(publisher: Publisher, redis: Redis, chat: Chat, database_url: str) -> None:
    publisher.append(chat.commit(2))
    chat.commit(8)
    execute(database_url, "DELETE FROM events WHERE id IN (3, 4, 6, 10)")
    publisher.mend()
    assert ids(redis) == [1, 2, 5, 7, 8, 9]
    publisher.append(chat.commit(2))
    assert ids(redis) == [1, 2, 5, 7, 8, 9, 11, 12]


@pytest.mark.parametrize("seed", range(8))
def test_the_log_never_has_a_hole(settings: Settings, reads: Engine, redis: Redis, chat: Chat, seed: int) -> None:
    """Whatever order workers come in, whoever dies before publishing, whenever Redis is emptied: at each moment the log is dense."""
    chance = random.Random(seed)
    publishers = [Publisher(log_of(settings), reads) for _ in range(3)]
    unpublished: list[list[Event]] = []
    for _ in range(120):
        step(chance, publishers, unpublished, redis, chat)
        held = ids(redis)
        assert held == up_to(held[-1] if held else 0, first=held[0] if held else 1)
    publishers[0].mend()
    assert ids(redis)[-1] == chat.head


def step(chance: random.Random, publishers: list[Publisher], unpublished: list[list[Event]], redis: Redis, chat: Chat) -> None:
    """Something happens: mostly commits, and publishing in any order."""
    what = chance.choices(("commit", "publish", "die", "flush", "mend"), (10, 10, 2, 1, 2))[0]
    if what == "commit":
        unpublished.append(chat.commit(chance.randint(1, 5)))
    elif what == "publish" and unpublished:
        mine = unpublished.pop(chance.randrange(len(unpublished)))
        chance.choice(publishers).append(mine)
    elif what == "die" and unpublished:
        del unpublished[chance.randrange(len(unpublished))]
    elif what == "flush":
        redis.flushdb()
    elif what == "mend":
        chance.choice(publishers).mend()


def bring_up_to_date(publisher: Publisher, chat: Chat, by: str) -> None:
    """The next post, or the next look of an idle worker."""
    if by == "append":
        posted = chat.commit(1)
        publisher.append(posted)
    else:
        publisher.mend()


def spoil(redis: Redis, chat: Chat) -> None:
    fields: dict[Any, Any] = {"route": f"message {chat.room} {chat.alice} 0 0", "frame": "id: 1000000\nevent: message\ndata: {}\n\n"}
    for offset in range(3):
        redis.xadd(STREAM, fields, id=f"{OF_ANOTHER_DATABASE + offset}-0")
