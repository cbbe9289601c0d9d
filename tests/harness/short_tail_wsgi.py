"""The product with a short memory: what is older than 40 events is history, so that a test meets the seam between the two."""

from functools import partial

from chat.domain.tail import Tail
from chat.live import follower, hub
from wsgi import app

TAIL_EVENTS = 40

hub.Tail = partial(Tail, most_events=TAIL_EVENTS)  # type: ignore[misc, assignment]
follower.TAIL_EVENTS = TAIL_EVENTS

__all__ = ["app"]
