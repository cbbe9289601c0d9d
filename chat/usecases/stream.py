"""Opening a stream: a first frame with the cursor, then everything after it."""

from collections.abc import Callable

from sqlalchemy import Engine

from chat.domain import sse
from chat.live.hub import Hub
from chat.live.subscriber import Subscriber
from chat.usecases.resume import Resume
from chat.usecases.subscribe import Grants, SubscriptionRequest


class Streams:
    def __init__(self, hub: Hub, reads: Engine, grants: Grants) -> None:
        self._hub = hub
        self._reads = reads
        self._grants = grants

    def open(self, request: SubscriptionRequest) -> Callable[[Subscriber], None]:
        """Returns what brings a subscriber to the present. A cursor of what the record has lost is reset."""
        cursor = request.valid_cursor(self._hub)
        is_lost = request.cursor not in (None, cursor)
        hello = sse.hello(cursor) + (sse.reset(cursor) if is_lost else b"")
        grant = self._grants.grant(request)

        def start(subscriber: Subscriber) -> None:
            subscriber.write(hello)
            Resume(self._hub, self._reads, subscriber, lambda: self._grants.regrant(request)).run(grant, cursor)

        return start
