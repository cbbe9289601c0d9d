"""Heartbeats: sends each stream one in every heartbeat interval, and answers each long poll whose time is over.

A subscriber whose session or membership ended is closed instead."""

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

LAPSED_SECONDS = 2.0  # a database that is away must not delay the heartbeats: routers cut a silent stream
Lapsed = Callable[
    [Collection[Subscriber]], dict[Subscriber, CloseReason]
]  # those whose right ended, with the reason; raises SQLAlchemyError


class Heartbeats:
    def __init__(self, hub: Hub, lapsed: Lapsed) -> None:
        self._hub = hub
        self._lapsed = lapsed
        self._greenlets: list[gevent.Greenlet[[], None]] = []

    def start(self) -> None:
        """Once a process; a second call does nothing."""
        if not self._greenlets:
            self._greenlets = [gevent.spawn(self._send_heartbeats), gevent.spawn(self._answer_polls)]

    def _send_heartbeats(self) -> None:
        while True:
            gevent.sleep(TICK_SECONDS)
            due = self._hub.subscribers.tick()
            if due:
                self._beat(due)

    def _answer_polls(self) -> None:
        while True:
            gevent.sleep(TICK_SECONDS)
            for subscriber in self._hub.subscribers.expired(time.monotonic()):
                subscriber.advance(self._hub.delivered)
                subscriber.answer_empty()

    def _beat(self, due: list[Subscriber]) -> None:
        """Authorises each subscriber again, then sends the newest delivered id: a newer event may be in a fan-out that is under way."""
        try:
            with gevent.Timeout(LAPSED_SECONDS, TimeoutError("no answer in time")):
                lapsed = self._lapsed(due)
        except (SQLAlchemyError, TimeoutError) as error:
            logger.warning("the database is away: heartbeats are sent without authorising again: %s", error)
            lapsed = {}
        for turn in turns(due):
            for subscriber in turn:
                self._beat_one(subscriber, lapsed.get(subscriber))

    def _beat_one(self, subscriber: Subscriber, lapsed: CloseReason | None) -> None:
        if subscriber.closed:
            return
        if lapsed is CloseReason.LEFT and subscriber.subscription.follows and not subscriber.subscription.named:
            subscriber.disconnect(sse.RETRY_MS)  # it has other rooms; the database knew that it left this one before the log said so
        elif lapsed:
            subscriber.end(lapsed)
        else:
            subscriber.heartbeat(self._hub.delivered)
