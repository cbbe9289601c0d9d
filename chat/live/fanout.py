"""The fan-out: the subscribers by channel, and the sending of events to them. Events that arrive together go out in one send a subscriber.

There are two ways, for measured reasons (docs/figures.md):
- Events of one channel are one payload for all its subscribers (`send_to`). Most events are such, and the subscribers may be thousands:
  those with a socket and no backlog are written to by the batch sender (`_send_batch`), 8.0 µs of processor time a send instead of 10.0.
- Events of several channels (`_send_merged`) make a payload for each combination of channels that somebody subscribes to, in id order. They
  come from busy services, where a send carries many events and is rare: bursts are as fast without batches. So each subscriber is sent to
  by itself, in simpler code."""

import logging
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence

import gevent

from chat.domain.close_reason import CloseReason
from chat.domain.event import Channel, Event
from chat.domain.payload import Payload
from chat.live.batch_send import BatchSender
from chat.live.subscriber import Subscriber, advance_all

logger = logging.getLogger(__name__)

SENDS_A_TURN = 500  # two to four milliseconds: then other greenlets run
JOINED_BYTES = 64 * 1024  # what a socket's buffer takes at once; more would give healthy clients a backlog


class Fanout:
    """Only `send` and `send_to` switch to other greenlets."""

    def __init__(self, batch_sender: BatchSender) -> None:
        self._batch_sender = batch_sender
        self._channels: dict[Channel, dict[Subscriber, None]] = {}  # dicts are a third of a set's size
        self.deliveries = 0
        self.after_batch: Callable[[Sequence[Subscriber], Payload], None] | None = None  # for the access log, which counts events

    def add(self, subscriber: Subscriber, channels: Iterable[Channel]) -> None:
        for channel in channels:
            self._channels.setdefault(channel, {})[subscriber] = None

    def remove(self, subscriber: Subscriber, channels: Iterable[Channel]) -> None:
        for channel in channels:
            members = self._channels.get(channel)
            if members is None:
                continue
            members.pop(subscriber, None)
            if not members:
                del self._channels[channel]

    def members(self, channel: Channel) -> list[Subscriber]:
        return list(self._channels.get(channel, ()))

    def count(self, channel: Channel) -> int:
        return len(self._channels.get(channel, ()))

    def channels(self) -> dict[Channel, int]:
        """The number of subscribers by channel."""
        return {channel: len(members) for channel, members in self._channels.items()}

    def send(self, events: Sequence[Event]) -> None:
        """Sends the events to the subscribers of their channels, to each subscriber in id order."""
        for run in _runs(events):
            by_channel = self._by_channel(run)
            if len(by_channel) == 1:
                [(channel, of_channel)] = by_channel.items()
                self.send_to(self._channels[channel], Payload(of_channel))
            elif by_channel:
                self._send_merged(by_channel)

    def _by_channel(self, events: Iterable[Event]) -> dict[Channel, list[Event]]:
        """The events of each channel that has a subscriber."""
        by_channel: dict[Channel, list[Event]] = {}
        for event in events:
            for channel in event.channels:
                if channel in self._channels:
                    by_channel.setdefault(channel, []).append(event)
        return by_channel

    def _send_merged(self, by_channel: dict[Channel, list[Event]]) -> None:
        """Sends events of several channels. A subscriber of more than one of them gets their events merged."""
        groups: dict[Subscriber, tuple[Channel, ...]] = {}
        for channel in by_channel:
            for subscriber in self._channels[channel]:
                groups[subscriber] = (*groups.get(subscriber, ()), channel)
        payloads: dict[tuple[Channel, ...], Payload] = {}
        for turn in turns(groups):
            for subscriber in turn:
                channels = groups[subscriber]
                if channels not in payloads:
                    payloads[channels] = _merge([by_channel[channel] for channel in channels])
                payload = payloads[channels]
                self.deliveries += len(payload.events)
                if not subscriber.closed:
                    subscriber.send(payload)

    def send_to(self, subscribers: Iterable[Subscriber], payload: Payload) -> None:
        """Sends one payload to all of them."""
        for turn in turns(subscribers):
            self.deliveries += len(turn) * len(payload.events)
            self._send_turn(turn, payload)

    def _send_turn(self, turn: Sequence[Subscriber], payload: Payload) -> None:
        """Batches the subscribers that have a socket and no backlog and get the whole payload; sends to each of the others by itself.

        The loop over `turn` does nothing but look at each subscriber, so the processor fetches many of them from memory at a time: after
        4,000 other sends they are in no cache, and a look costs half a microsecond instead of a tenth (docs/architecture.md)."""
        fds = [one.fd for one in turn]
        batch = [one for one in turn if one.fd >= 0 and not one.backlog and one.cursor < payload.first and not one.subscription.polls]
        if len(batch) < len(turn):
            fds = [one.fd for one in batch]
            for subscriber in set(turn).difference(batch):
                if not subscriber.closed:
                    subscriber.send(payload)
        if batch:
            self._send_batch(batch, array("i", fds), payload)

    def _send_batch(self, batch: Sequence[Subscriber], fds: "array[int]", payload: Payload) -> None:
        """Usually every socket takes everything, and one comparison says so."""
        advance_all(batch, payload.last)
        if self.after_batch is not None:
            self.after_batch(batch, payload)
        results = self._batch_sender.send(fds, payload.sse)
        if results.count(len(payload.sse)) == len(batch):
            return
        for subscriber, result in zip(batch, results, strict=True):
            if result != len(payload.sse):
                _complete_write(subscriber, payload.sse, result)


def _complete_write(subscriber: Subscriber, data: bytes, result: int) -> None:
    """The subscribers after this one were written to as well: its failure must not keep their results from being noted."""
    try:
        subscriber.complete_write(data, result)
    except OSError as failure:
        gevent.spawn(logger.error, "a subscriber that cannot be kept is closed, and resumes: %s", failure)
        subscriber.close(CloseReason.GONE)


def turns(subscribers: Iterable[Subscriber]) -> Iterator[list[Subscriber]]:
    """SENDS_A_TURN subscribers at a time, and a switch to other greenlets in between. The last few join the turn before them: a worker
    with 504 streams switched after 500, which cost a twentieth of the fan-out (docs/figures.md)."""
    everybody = list(subscribers)
    begin = 0
    while begin < len(everybody):
        if begin:
            gevent.sleep(0)
        left = len(everybody) - begin
        end = begin + (left if left <= SENDS_A_TURN * 5 // 4 else SENDS_A_TURN)
        yield everybody[begin:end]
        begin = end


def _runs(events: Sequence[Event]) -> Iterator[Sequence[Event]]:
    """The events in runs of bounded size."""
    run: list[Event] = []
    size = 0
    for event in events:
        if run and size + len(event.frame) > JOINED_BYTES:
            yield run
            run, size = [], 0
        run.append(event)
        size += len(event.frame)
    if run:
        yield run


def _merge(lists: Sequence[list[Event]]) -> Payload:
    if len(lists) == 1:
        return Payload(lists[0])
    events = {event.id: event for part in lists for event in part}
    return Payload([events[event_id] for event_id in sorted(events)])
