"""The long poll: answers at once with what comes after the cursor, or waits for it.

A poll whose rights changed meanwhile is answered nothing on the old ones."""

from collections.abc import Callable
from time import monotonic

import gevent
from sqlalchemy import Engine

from chat.domain.payload import poll_reset, polled
from chat.domain.refusals import NoSuchRoom, SessionInvalid
from chat.live.hub import Hub
from chat.live.subscriber import Subscriber
from chat.usecases.identities import Identities
from chat.usecases.resume import Page, Resume, next_page
from chat.usecases.subscribe import Grant, Grants, SubscriptionRequest

CATCH_UP_SECONDS = 0.5  # for the hub to reach what was committed: longer than it takes without Redis
LOOK_SECONDS = CATCH_UP_SECONDS / 100


class LongPoll:
    def __init__(self, hub: Hub, reads: Engine, grants: Grants, identities: Identities) -> None:
        self._hub = hub
        self._reads = reads
        self._grants = grants
        self._identities = identities

    def poll(self, request: SubscriptionRequest, wait_seconds: int, token: str) -> bytes | Callable[[Subscriber], None]:
        """Returns the answer's body, or what starts a subscriber that waits for it. Raises SessionInvalid, NoSuchRoom."""
        cursor = request.valid_cursor(self._hub)
        if request.cursor is None:
            return polled((), cursor)
        if request.cursor != cursor:
            return poll_reset(cursor)
        self._catch_up(request.head(self._hub.position))
        grant = self._grants.grant(request)
        page = self._first_page(grant, request.cursor)
        if (cursor := request.valid_cursor(self._hub)) != request.cursor:
            return poll_reset(cursor)  # another epoch began meanwhile
        if self._hub.rights_changed(request.identity.user_id, grant.as_of):
            return self._again(request, request.cursor, token)
        if page.events or not wait_seconds:
            return polled(page.events, page.cursor)
        return self._waiting(request, grant, page.cursor, wait_seconds)

    def _catch_up(self, head: int) -> None:
        """Waits a moment for the hub: the answer contains what was committed before the request."""
        deadline = monotonic() + CATCH_UP_SECONDS
        while self._hub.position < head and monotonic() < deadline:
            gevent.sleep(LOOK_SECONDS)

    def _first_page(self, grant: Grant, cursor: int) -> Page:
        """The first page with an event, or the last one."""
        page = next_page(self._hub, self._reads, grant, cursor)
        while not page.events and not page.final:
            page = next_page(self._hub, self._reads, grant, page.cursor)
        return page

    def _again(self, request: SubscriptionRequest, cursor: int, token: str) -> bytes:
        """An empty page with the same cursor has the client poll again, with its new rights."""
        if self._grants.regrant(request) is None:
            raise SessionInvalid if self._identities.is_over(token) else NoSuchRoom
        return polled((), cursor)

    def _waiting(self, request: SubscriptionRequest, grant: Grant, cursor: int, wait_seconds: int) -> Callable[[Subscriber], None]:
        def start(subscriber: Subscriber) -> None:
            Resume(self._hub, self._reads, subscriber, lambda: self._grants.regrant(request)).run(grant, cursor)
            if not subscriber.closed:
                self._hub.subscribers.expire_at(monotonic() + wait_seconds, subscriber)

        return start
