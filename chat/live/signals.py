"""The delivery of signals to the subscribers of their channels on this worker: to streams without a backlog.

A signal waits up to 0.5 s until the hub has delivered the event that the sender's right rests on; then it is dropped."""

import logging
from collections import deque
from time import monotonic

import gevent
from gevent.event import Event as GeventEvent
from msgspec import DecodeError

from chat.domain.signal import MAX_SUBSCRIBERS, Signal, decode_signals
from chat.live.hub import Hub
from chat.live.subscriber import Subscriber

logger = logging.getLogger(__name__)

QUEUED = 1000  # signals, the newest: who is typing now matters, not who was
WAIT_SECONDS = 0.5  # for the hub to deliver what was committed: usually milliseconds
LOOK_SECONDS = 0.005


class SignalDelivery:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._queue: deque[Signal] = deque(maxlen=QUEUED)
        self._wake = GeventEvent()
        self._greenlet: gevent.Greenlet[[], None] | None = None

    def start(self) -> None:
        """Once a process; a second call does nothing."""
        if self._greenlet is None:
            self._greenlet = gevent.spawn(self._run)

    def receive(self, message: bytes) -> None:
        """Queues the signals of a message that a worker published."""
        try:
            self._queue.extend(decode_signals(message))
        except DecodeError as error:
            logger.debug("signals of another version: %s", error)
        self._wake.set()

    def deliver(self, signal: Signal) -> None:
        """Switches to no other greenlet: its subscribers are few."""
        for subscriber in self._subscribers(signal):
            if subscriber.user_id != signal.except_user_id and signal.only_user_id in (0, subscriber.user_id):
                subscriber.send_signal(signal.frame)

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            try:
                self._deliver_queued()
            except Exception:  # whatever it is, the worker must not stop delivering for good
                logger.exception("signals are lost")

    def _deliver_queued(self) -> None:
        while self._queue:
            signal = self._queue.popleft()
            if self._wait_for(signal.as_of):
                self.deliver(signal)

    def _wait_for(self, event_id: int) -> bool:
        """Returns False if the hub has not delivered the event in time."""
        deadline = monotonic() + WAIT_SECONDS
        while self._hub.delivered < event_id:
            if monotonic() > deadline:
                return False
            gevent.sleep(LOOK_SECONDS)
        return True

    def _subscribers(self, signal: Signal) -> dict[Subscriber, None]:
        """Each once, also those of several of the channels; none of a channel that has more than MAX_SUBSCRIBERS."""
        fanout = self._hub.fanout
        channels = (channel for channel in signal.channels if fanout.count(channel) <= MAX_SUBSCRIBERS)
        return dict.fromkeys(subscriber for channel in channels for subscriber in fanout.members(channel))
