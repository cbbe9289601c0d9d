"""The product's bounds made small, so that a short run crosses in minutes what a large service crosses in days:
clients older than the tail, pages, a fan-out that gives way, a log that begins anew. Only numbers change."""

import os
import random
from collections.abc import Sequence
from functools import partial

import gevent

from chat.domain import payload
from chat.domain.event import Event
from chat.domain.tail import Tail
from chat.live import batch_send, fanout, follower, hub
from chat.usecases import publisher, resume, writer

TAIL_EVENTS = 60

SMALL: dict[object, dict[str, object]] = {
    payload: {"POLL_EVENTS": 20},
    fanout: {"SENDS_A_TURN": 3, "JOINED_BYTES": 2048},
    batch_send: {"MIN_BATCH": 1, "RING_ENTRIES": 4},
    resume: {"PAGE_EVENTS": 10, "JOINED_BYTES": 2048},
    hub: {"Tail": partial(Tail, most_events=TAIL_EVENTS)},
    follower: {"READ_EVENTS": 20, "TAIL_EVENTS": TAIL_EVENTS},
    writer: {"BATCH_POSTS": 5},
    publisher: {"APPEND_EVENTS": 10, "PENDING_EVENTS": 40, "LOST_EVENTS": 100, "RESTART_EVENTS": 50},
}


def make_small() -> None:
    """A bound that the product no longer has under this name stops the run: it would not be small."""
    for module, bounds in SMALL.items():
        for name, value in bounds.items():
            assert hasattr(module, name), f"{module} has no {name}"
            setattr(module, name, value)


def make_late() -> None:
    """With HUB_LATE every hub gets its events up to so many seconds late, each worker's at its own time: whoever changes workers
    comes with a cursor ahead of the new one's hub, which is what the cursor of a subscriber is for."""
    most = float(os.environ.get("HUB_LATE", "0"))
    if not most:
        return
    deliver = hub.Hub.deliver

    def deliver_late(self: hub.Hub, events: Sequence[Event]) -> None:
        gevent.sleep(random.uniform(0, most))
        deliver(self, events)

    follower.BEHIND_SECONDS = most * 10  # nor from the database instead
    hub.Hub.deliver = deliver_late  # type: ignore[method-assign]
