"""The heart: gives each subscriber its heartbeat in its turn, and each long poll its end in time.

Who has no right any more gets neither."""

import logging
import time
from collections.abc import Callable, Collection

import gevent
from sqlalchemy.exc import SQLAlchemyError

from chat.domain import sse
from chat.domain.close_reason import CloseReason
from chat.domain.payload import polled
from chat.live.fanout import turns
from chat.live.hub import Hub
from chat.live.subscriber import Subscriber
from chat.live.timer_wheel import TICK_SECONDS

logger = logging.getLogger(__name__)

LAPSED_SECONDS = 2.0  # a database that is away must not keep the heartbeats back: routers cut a stream that is silent
Lapsed = Callable[[Collection[Subscriber]], dict[Subscriber, CloseReason]]  # those without a right, with the reason; raises SQLAlchemyError


class Heartbeats:
    def __init__(self, hub: Hub, lapsed: Lapsed) -> None:
        self._hub = hub
        self._lapsed = lapsed
        self._greenlets: list[gevent.Greenlet[[], None]] = []

    def start(self) -> None:
        """Once a process; a second call does nothing."""
        if not self._greenlets:
            self._greenlets = [gevent.spawn(self._give_turns), gevent.spawn(self._end_polls)]

    def _give_turns(self) -> None:
        while True:
            gevent.sleep(TICK_SECONDS)
            turn = self._hub.subscribers.turn()
            if turn:
                self._beat(turn)

    def _end_polls(self) -> None:
        while True:
            gevent.sleep(TICK_SECONDS)
            for subscriber in self._hub.subscribers.expired(time.monotonic()):
                subscriber.heartbeat(self._hub.delivered)
                subscriber.answer(polled((), subscriber.cursor))

    def _beat(self, turn: list[Subscriber]) -> None:
        """Authorises each anew, then moves its cursor on. Only what is delivered counts: a fan-out may be under way."""
        try:
            with gevent.Timeout(LAPSED_SECONDS, TimeoutError("no answer in time")):
                lapsed = self._lapsed(turn)
        except (SQLAlchemyError, TimeoutError) as error:
            logger.warning("heartbeats go out unauthorised, for the database is away: %s", error)
            lapsed = {}
        for some in turns(turn):
            for subscriber in some:
                self._beat_one(subscriber, lapsed.get(subscriber))

    def _beat_one(self, subscriber: Subscriber, lapsed: CloseReason | None) -> None:
        if subscriber.closed:
            return
        if lapsed is CloseReason.LEFT and subscriber.follows and not subscriber.named:
            subscriber.dismiss(sse.RETRY_MS)  # it has other rooms: the record told of the leaving before the log did
        elif lapsed:
            subscriber.end(lapsed)
        else:
            subscriber.heartbeat(self._hub.delivered)
