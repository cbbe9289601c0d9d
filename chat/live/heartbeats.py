"""Heartbeats: sends each stream one in every heartbeat interval, and answers each long poll whose time is over.

A subscriber whose session or membership ended is closed instead, also if the lookup of that comes after the heartbeat."""

import logging
import time
from collections.abc import Callable, Collection

import gevent
from sqlalchemy.exc import SQLAlchemyError

from chat.domain import sse
from chat.domain.close_reason import CloseReason
from chat.live.fanout import turns
from chat.live.hub import Hub
from chat.live.subscriber import Subscriber
from chat.live.timer_wheel import TICK_SECONDS

logger = logging.getLogger(__name__)

LAPSED_SECONDS = 0.2  # how long a heartbeat waits for the lookup: routers cut a silent stream, so it waits for no database
# Returns those whose right ended, with the reason. Raises SQLAlchemyError.
Lapsed = Callable[[Collection[Subscriber]], dict[Subscriber, CloseReason]]


class Heartbeats:
    def __init__(self, hub: Hub, lapsed: Lapsed) -> None:
        self._hub = hub
        self._lapsed = lapsed
        self._greenlets: list[gevent.Greenlet[[], None]] = []
        self._unchecked: dict[Subscriber, None] = {}
        self._lookup: gevent.Greenlet[[], None] | None = None

    def start(self) -> None:
        """Once a process; a second call does nothing."""
        if not self._greenlets:
            self._greenlets = [gevent.spawn(self._send_heartbeats), gevent.spawn(self._answer_polls)]

    def _send_heartbeats(self) -> None:
        while True:
            gevent.sleep(TICK_SECONDS)
            due = self._hub.subscribers.tick()
            if due:
                gevent.spawn(self._beat, due)

    def _answer_polls(self) -> None:
        while True:
            gevent.sleep(TICK_SECONDS)
            for subscriber in self._hub.subscribers.expired(time.monotonic()):
                subscriber.advance(self._hub.delivered)
                subscriber.answer_empty()

    def _beat(self, due: list[Subscriber]) -> None:
        """Has each subscriber authorised again, then sends the newest delivered id: a newer event may be in a fan-out that is under way."""
        self._unchecked.update(dict.fromkeys(due))
        if self._lookup is None or self._lookup.dead:
            self._lookup = gevent.spawn(self._end_lapsed)
        self._lookup.join(LAPSED_SECONDS)
        for turn in turns(due):
            for subscriber in turn:
                if not subscriber.closed:
                    subscriber.heartbeat(self._hub.delivered)

    def _end_lapsed(self) -> None:
        """Closes those whose right ended, of all that are not authorised yet: one lookup at a time, however late it is."""
        while self._unchecked:
            unchecked, self._unchecked = [subscriber for subscriber in self._unchecked if not subscriber.closed], {}
            try:
                lapsed = self._lapsed(unchecked)
            except SQLAlchemyError as error:
                logger.warning("the database is away: heartbeats are sent without authorising again: %s", error)
                continue
            for subscriber, reason in lapsed.items():
                self._end(subscriber, reason)

    def _end(self, subscriber: Subscriber, reason: CloseReason) -> None:
        if subscriber.closed:
            return
        if reason is CloseReason.LEFT and subscriber.subscription.follows and not subscriber.subscription.named:
            subscriber.disconnect(sse.RETRY_MS)  # it has other rooms; the database knew that it left this one before the log said so
        else:
            subscriber.end(reason)
