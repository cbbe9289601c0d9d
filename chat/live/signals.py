"""Whispers reach the subscribers of their channels on this worker: streams alone, and only those that have no backlog.

A hub that has not heard yet of what changed rights before a whisper was said lets it wait a moment, and then drops it."""

import logging
from collections import deque
from time import monotonic

import gevent
from gevent.event import Event as GeventEvent
from msgspec import DecodeError

from chat.domain.signal import HEARD, Signal, unpacked
from chat.live.hub import Hub
from chat.live.subscriber import Subscriber

logger = logging.getLogger(__name__)

WAITING = 1000  # whispers, the newest: who is typing now matters, not who was
PATIENCE_SECONDS = 0.5  # for the hub to hear what was committed: usually milliseconds
LOOK_SECONDS = 0.005


class SignalDelivery:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._waiting: deque[Signal] = deque(maxlen=WAITING)
        self._wake = GeventEvent()
        self._greenlet: gevent.Greenlet[[], None] | None = None

    def start(self) -> None:
        """Once a process; a second call does nothing."""
        if self._greenlet is None:
            self._greenlet = gevent.spawn(self._run)

    def hear(self, said: bytes) -> None:
        """What some worker said to all."""
        try:
            self._waiting.extend(unpacked(said))
        except DecodeError as error:
            logger.debug("a whisper of another version: %s", error)
        self._wake.set()

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            try:
                self._pass_all_on()
            except Exception:  # whatever it is, the worker must not fall deaf for good
                logger.exception("whispers are lost")

    def _pass_all_on(self) -> None:
        while self._waiting:
            whisper = self._waiting.popleft()
            if self._has_heard(whisper.as_of):
                self.pass_on(whisper)

    def _has_heard(self, event_id: int) -> bool:
        deadline = monotonic() + PATIENCE_SECONDS
        while self._hub.delivered < event_id:
            if monotonic() > deadline:
                return False
            gevent.sleep(LOOK_SECONDS)
        return True

    def pass_on(self, whisper: Signal) -> None:
        """To so few that nobody waits for it meanwhile."""
        for subscriber in self._audience(whisper):
            if subscriber.user_id != whisper.but and whisper.only in (0, subscriber.user_id):
                subscriber.send_signal(whisper.frame)

    def _audience(self, whisper: Signal) -> dict[Subscriber, None]:
        """Each once, also who hears several of the channels."""
        fanout = self._hub.fanout
        heard = (channel for channel in whisper.channels if fanout.count(channel) <= HEARD)
        return dict.fromkeys(subscriber for channel in heard for subscriber in fanout.members(channel))
