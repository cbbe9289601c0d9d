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
        """Returns what brings a subscriber to the present. A cursor beyond the newest id is reset: it is from a log that is lost."""
        head = request.head(self._hub.position)
        beyond = request.cursor is not None and request.cursor > head
        cursor = head if request.cursor is None or beyond else request.cursor
        hello = sse.hello(cursor) + (sse.reset(head) if beyond else b"")
        grant = self._grants.grant(request)

        def start(subscriber: Subscriber) -> None:
            subscriber.write(hello)
            Resume(self._hub, self._reads, subscriber, lambda: self._grants.regrant(request)).run(grant, cursor)

        return start
