"""Who is subscribed to which channel, and the sending of events to them: one send a subscriber for all that arrived together."""

import logging
from array import array
from collections.abc import Iterable, Iterator, Sequence

import gevent

from chat.domain.close_reason import CloseReason
from chat.domain.event import Channel, Event
from chat.domain.payload import Payload
from chat.live.batch_send import BatchSender
from chat.live.subscriber import Subscriber, advance_all

logger = logging.getLogger(__name__)

SENDS_A_TURN = 500  # two to four milliseconds: then other greenlets have theirs
JOINED_BYTES = 64 * 1024  # what a socket's buffer takes at once; more would make backlogs of healthy clients


class Fanout:
    """The subscribers by channel. Nothing but `send` gives way to other greenlets."""

    def __init__(self, sends: BatchSender) -> None:
        self._sends = sends
        self._channels: dict[Channel, dict[Subscriber, None]] = {}  # dicts are a third of a set's size
        self.deliveries = 0

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
        """Who is subscribed to a channel just now."""
        return list(self._channels.get(channel, ()))

    def count(self, channel: Channel) -> int:
        return len(self._channels.get(channel, ()))

    def channels(self) -> dict[Channel, int]:
        """How many subscribers each channel has."""
        return {channel: len(members) for channel, members in self._channels.items()}

    def send(self, events: Sequence[Event]) -> None:
        """Sends the events to whoever is subscribed, each subscriber's in id order."""
        for joined in _joined(events):
            by_channel = self._wanted(joined)
            if len(by_channel) == 1:
                [(channel, wanted)] = by_channel.items()
                self.send_to(self._channels[channel], Payload(wanted))
            elif by_channel:
                self._send_merged(by_channel)

    def _wanted(self, events: Iterable[Event]) -> dict[Channel, list[Event]]:
        """The events by channel, of channels that have a subscriber."""
        wanted: dict[Channel, list[Event]] = {}
        for event in events:
            for channel in event.channels:
                if channel in self._channels:
                    wanted.setdefault(channel, []).append(event)
        return wanted

    def _send_merged(self, by_channel: dict[Channel, list[Event]]) -> None:
        """Several channels: who listens to more than one of them gets their events in one order."""
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
        """Sends the same to each of them."""
        for turn in turns(subscribers):
            self.deliveries += len(turn) * len(payload.events)
            self._send_turn(turn, payload)

    def _send_turn(self, turn: Sequence[Subscriber], payload: Payload) -> None:
        """Whoever has a socket, is owed all of the payload and nothing before it is sent to with the others of its kind.

        The first loop is there to be short: so the processor waits for many subscribers to come from memory at a time."""
        fds = [one.fd for one in turn]
        crowd = [one for one in turn if one.fd >= 0 and not one.backlog and one.cursor < payload.first and not one.subscription.polls]
        if len(crowd) < len(turn):
            fds = [one.fd for one in crowd]
            for subscriber in set(turn).difference(crowd):
                if not subscriber.closed:
                    subscriber.send(payload)
        if crowd:
            self._send_together(crowd, array("i", fds), payload)

    def _send_together(self, crowd: Sequence[Subscriber], fds: "array[int]", payload: Payload) -> None:
        advance_all(crowd, payload.last)
        took = self._sends(fds, payload.sse)
        if took.count(len(payload.sse)) == len(crowd):
            return
        for subscriber, sent in zip(crowd, took, strict=True):
            if sent != len(payload.sse):
                _pass_on(subscriber, payload.sse, sent)


def _pass_on(subscriber: Subscriber, data: bytes, sent: int) -> None:
    """Those after it have had their part of the bytes as well: nobody's trouble may keep us from noting how much."""
    try:
        subscriber.complete_write(data, sent)
    except OSError as failure:
        gevent.spawn(logger.error, "a subscriber that cannot be kept is closed, and resumes: %s", failure)
        subscriber.close(CloseReason.GONE)


def turns(subscribers: Iterable[Subscriber]) -> Iterator[list[Subscriber]]:
    """So many subscribers at a time; others get their turn between. The last few are no turn of their own."""
    everybody = list(subscribers)
    begin = 0
    while begin < len(everybody):
        if begin:
            gevent.sleep(0)
        left = len(everybody) - begin
        end = begin + (left if left <= SENDS_A_TURN * 5 // 4 else SENDS_A_TURN)
        yield everybody[begin:end]
        begin = end


def _joined(events: Sequence[Event]) -> Iterator[Sequence[Event]]:
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
