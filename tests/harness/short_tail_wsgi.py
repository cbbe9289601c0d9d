"""The product with a tail of 40 events, so that a test crosses from the tail to history."""

from functools import partial

from chat.domain.tail import Tail
from chat.live import follower, hub
from wsgi import app

TAIL_EVENTS = 40

for module, name, value in ((hub, "Tail", partial(Tail, most_events=TAIL_EVENTS)), (follower, "TAIL_EVENTS", TAIL_EVENTS)):
    assert hasattr(module, name), f"{module} has no {name}"
    setattr(module, name, value)

__all__ = ["app"]
