"""The product with a short memory: what is older than 40 events is history, so that a test meets the seam between the two."""

from functools import partial

from wsgi import app  # noqa: I001 - first of all: it patches for gevent

from chat.domain.tail import Tail
from chat.live import hub

TAIL_EVENTS = 40

hub.Tail = partial(Tail, most_events=TAIL_EVENTS)  # type: ignore[misc, assignment]
hub.FILL_EVENTS = TAIL_EVENTS

__all__ = ["app"]
