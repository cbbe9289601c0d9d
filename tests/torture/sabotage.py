"""Takes one safeguard out each, with a run that must then fail. This shows that the torture test can see."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from redis import ResponseError

from chat.domain.event import Event
from chat.domain.payload import Payload
from chat.live.follower import Follower
from chat.live.subscriber import Subscriber
from chat.services import log_stream
from chat.services.log_entry import encode_entry
from chat.services.log_stream import Log
from chat.usecases.publisher import Publisher
from tests.torture.plan import SMALL, Plan

WSGI = "tests.torture.sabotaged_wsgi:app"


@dataclass(frozen=True)
class Control:
    """A function that takes one safeguard out, and a run that needs the safeguard."""

    take_out: Callable[[], None]
    plan: Plan


def without_compare_and_append() -> None:
    """Entries are added in the order of the workers. An entry that Redis refuses, because its id is not above the last, is lost."""

    def plain_append(self: Log, expected: int, events: Sequence[Event], epoch: str, floor: int = 0, restart: bool = False) -> int:
        for event in events:
            try:
                self._redis.xadd(log_stream.STREAM, encode_entry(event), id=f"{event.id}-0")
            except ResponseError:
                continue
        return events[-1].id if events else expected

    Log.append = plain_append  # type: ignore[method-assign]


def without_cursor() -> None:
    """A subscriber takes every event that the hub sends, also one that it just got from history."""

    def send_all(self: Subscriber, payload: Payload) -> None:
        self.cursor = payload.last
        if self.subscription.polls:
            self.answer(payload.poll)
        else:
            self.write(payload.sse)

    Subscriber.send = send_all  # type: ignore[method-assign]


def without_healing() -> None:
    """A publisher appends only its own events. Missing events, also those of a dead worker, are never read from the database."""

    def own_only(self: Publisher, run: list[Event], until: float) -> bool:
        last, _ = self._log.end()
        rest = [event for event in run if event.id > last]
        if rest:
            self._log.append(last, rest, self._epochs.name)
        return True

    def leave_it(self: Publisher) -> None:
        return

    def jump(self: Follower, up_to: int) -> bool:
        self._hub.tail.advance(up_to)
        return False

    Publisher._append_run = own_only  # type: ignore[method-assign]
    Publisher.mend = leave_it  # type: ignore[method-assign]
    Follower._catch_up = jump  # type: ignore[method-assign]


TAME = Plan(
    seed=0, events=100, wsgi=SMALL, healing=3.0, resumes_each=0, messages_a_room=1
)  # a control needs no guard: that it finds something is its guard
CROWD = replace(TAME, people=24, posters=24, posting_pause=0.005, room_readers=8, many_readers=4, inbox_readers=4)
ONE_ROOM = replace(
    TAME,
    rooms=1,
    direct_share=0.0,
    posters=4,
    posting_pause=0.01,
    room_readers=70,
    many_readers=0,
    inbox_readers=0,
    late_share=0.9,
    stay=0.5,
    absence=0.05,
)

CONTROLS = {
    "compare-and-append": Control(without_compare_and_append, replace(CROWD, seconds=3, events=200, faults=("worker_killed",))),
    "healing": Control(without_healing, replace(CROWD, seconds=3, events=200, faults=("worker_killed",))),
    "cursor": Control(without_cursor, replace(ONE_ROOM, seconds=3, settings={"HUB_LATE": "0.1"}, faults=("valkey_paused",), calm=0.2)),
}


def sabotaged(name: str, seed: int, seconds: float | None = None) -> Plan:
    """The run of one control, without its safeguard."""
    plan = intact(name, seed)
    return replace(plan, seconds=seconds or plan.seconds, wsgi=WSGI, settings={**plan.settings, "SABOTAGE": name})


def intact(name: str, seed: int) -> Plan:
    """The same run of the product as it is."""
    return replace(CONTROLS[name].plan, seed=seed)


def take_out(name: str) -> None:
    CONTROLS[name].take_out()
