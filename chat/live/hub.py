"""The hub of a worker: it keeps the tail and sends each event to its subscribers in id order.

position: the newest id in the tail. delivered: the newest id whose event was sent to every subscriber of its channels."""

import logging
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import msgspec
from gevent.event import Event as GeventEvent

from chat.domain.close_reason import CloseReason
from chat.domain.epochs import Epochs, LogState
from chat.domain.event import CONTROL_KINDS, Channel, Event, control_channel, room_channel, shared
from chat.domain.payload import Payload
from chat.domain.redaction import redacter
from chat.domain.shapes.events import MembershipChange, SessionEnded
from chat.domain.tail import TAIL_EVENTS, Tail
from chat.live.batch_send import BatchSender
from chat.live.fanout import Fanout
from chat.live.subscriber import READS_ALL, Subscriber
from chat.live.timer_wheel import TimerWheel

logger = logging.getLogger(__name__)

MEMBERSHIP_ENDS = {"leave": CloseReason.LEFT, "removed": CloseReason.REMOVED, "banned": CloseReason.BANNED}
BYE_SPREAD_MS = (500, 5000)  # the clients of a stopping worker come back spread over this time


class Hub:
    """The subscribers of this worker and the newest events. It reads from nowhere: the follower hands it the events."""

    def __init__(self, heartbeat_seconds: float, batch_sender: BatchSender | None = None) -> None:
        self.tail = Tail(0)
        self.delivered = 0
        self.epochs = Epochs()
        self.after_delivery: Callable[[int], None] = lambda _: None  # replaced where delays are measured
        self.fanout = Fanout(batch_sender or BatchSender())
        self.subscribers = TimerWheel(heartbeat_seconds)
        self.ready = GeventEvent()
        self.draining = False
        self.deaf = False
        self.closings: Counter[CloseReason] = Counter()
        self.deletions: dict[int, int] = {}  # by deleted message the id of its `deleted` event, until the log is redacted
        self.changed: set[Channel] = set()  # channels whose subscribers changed since the last presence report

    @property
    def position(self) -> int:
        return self.tail.head

    def begin(self, floor: int, events: Sequence[Event]) -> None:
        """Starts with the newest events: all that exist above the floor."""
        self.tail = Tail(floor)
        self.tail.extend(events)
        self._forget_content(events)
        self.delivered = self.position
        self.ready.set()

    def change_epoch(self, state: LogState) -> None:
        """Takes the database's epoch. If this worker delivered what the record has lost, it steps back to before that: the tail is
        dropped, and each subscriber that is past it is reset. Of another database nothing holds that was delivered."""
        known, self.epochs = self.epochs, state.epochs
        if not known.names:
            return
        is_other = known.name not in state.epochs.names
        back = state.head if is_other else self.epochs.valid(self.position)
        if back == self.position:
            return
        logger.warning("the record has gone back: this worker steps back from event %d to %d", self.position, back)
        self.tail = Tail(back)
        self.delivered = back
        for subscriber in self.subscribers:
            valid = back if is_other else self.epochs.valid(subscriber.cursor)
            if valid != subscriber.cursor:
                subscriber.step_back(valid)

    def register(self, subscriber: Subscriber, channels: Sequence[Channel], reads_above: Mapping[int, int] = READS_ALL) -> None:
        """Sends to it from now on. The caller has sent it everything up to `position`, without a switch to another greenlet since."""
        subscriber.advance(self.position)
        subscriber.register(self, shared(channels), reads_above)
        self.fanout.add(subscriber, subscriber.channels)
        self.subscribers.add(subscriber)
        self.changed.update(subscriber.channels)

    def forget(self, subscriber: Subscriber) -> None:
        self.fanout.remove(subscriber, subscriber.channels)
        self.subscribers.remove(subscriber)
        self.changed.update(subscriber.channels)
        if subscriber.closed:
            self.closings[subscriber.closed] += 1

    def rights_changed(self, user_id: int, since: int) -> bool:
        """Whether this user's rights changed after an id. True also if the tail does not reach back so far."""
        return since < self.tail.floor or bool(self.tail.after([control_channel(user_id)], since, 1))

    def drain(self) -> None:
        """Disconnects all clients, because this worker stops. They come back spread over BYE_SPREAD_MS."""
        self.draining = True
        self._disconnect_all()

    def set_deaf(self, deaf: bool) -> None:
        """Disconnects all clients when the worker has become deaf: it hears neither the log nor the database."""
        if deaf and not self.deaf:
            logger.warning("neither the log nor the database answers: all clients are disconnected")
            self._disconnect_all()
        self.deaf = deaf

    def _disconnect_all(self) -> None:
        for subscriber in self.subscribers:
            subscriber.disconnect(random.randint(*BYE_SPREAD_MS))

    def deliver(self, events: Sequence[Event]) -> None:
        """Takes events whose ids ascend from above the position, and sends them."""
        if not events:
            return
        self.tail.extend(events)
        try:
            self._send(events)
        except Exception:  # some subscribers may miss the events: all resume from their cursors
            logger.exception("a fan-out failed; all subscribers are disconnected to resume")
            self._disconnect_all()
        self._forget_content(events)
        self.delivered = self.position
        self.after_delivery(self.delivered)

    def _forget_content(self, events: Sequence[Event]) -> None:
        """Drops from the tail what no client may read any more: the events of rooms that ended, except for `room_closed`, and the text
        of deleted messages."""
        for event in events:
            if event.kind == "room_closed" and event.room_id is not None:
                self.tail.forget(room_channel(event.room_id), event.id)
            elif event.kind == "deleted":
                self._redact(event)

    def collect_deletions(self) -> None:
        """Has the log redacted again: one that was away may be back as it was before."""
        self.deletions.update({event.about_id: event.id for event in self.tail if event.kind == "deleted" and event.about_id})

    def _redact(self, deletion: Event) -> None:
        assert deletion.room_id is not None and deletion.about_id is not None
        self.tail.rewrite(room_channel(deletion.room_id), redacter(deletion))
        self.deletions[deletion.about_id] = deletion.id
        if len(self.deletions) > TAIL_EVENTS:  # Redis is away; its log will begin anew, or be trimmed past the first of them
            del self.deletions[next(iter(self.deletions))]

    def _send(self, events: Sequence[Event]) -> None:
        for run in _runs(events):
            if run[0].kind in CONTROL_KINDS:
                self._deliver_control(run[0])
            elif run[0].guarded:
                self._send_guarded(run[0])
            else:
                self.fanout.send(run)

    def _send_guarded(self, event: Event) -> None:
        """Sends a change of a message in an ephemeral room to those who joined before that message."""
        assert event.room_id is not None
        room_id, members = event.room_id, self.fanout.members(room_channel(event.room_id))
        self.fanout.send_to([member for member in members if member.reads_above.get(room_id, 0) < event.reads_id], Payload([event]))

    def _deliver_control(self, event: Event) -> None:
        """A join takes effect before its own event is sent, every other change of rights after it."""
        if event.kind == "join":
            self._joined(event)
        self.fanout.send([event])
        if event.kind in MEMBERSHIP_ENDS:
            self._left(event)
        elif event.kind == "room_closed":
            self._room_closed(event)
        elif event.kind == "session_ended":
            self._session_ended(event)

    def _joined(self, event: Event) -> None:
        assert event.room_id is not None
        channel = room_channel(event.room_id)
        for subscriber in self.subscribers:
            if subscriber.subscription.follows and subscriber.user_id == event.sender_id and channel not in subscriber.channels:
                subscriber.subscribe(channel, above=event.id - 1)
                self.fanout.add(subscriber, [channel])
                self.changed.add(channel)

    def _left(self, event: Event) -> None:
        """Ends the user's streams of this room alone if it may not read the room any more. Its streams of all its rooms are unsubscribed
        from the room, unless they named it and it is open: everybody who is not banned may read it."""
        change = msgspec.json.decode(event.data, type=MembershipChange)
        channel = room_channel(change.room.id)
        hidden = change.members_only or change.kind == "banned"
        for subscriber in self.fanout.members(channel):
            if subscriber.user_id != event.sender_id:
                continue
            if hidden and not subscriber.subscription.follows:
                subscriber.end(MEMBERSHIP_ENDS[change.kind])
            elif subscriber.subscription.follows and (hidden or channel not in subscriber.subscription.named):
                self._unsubscribe(subscriber, channel)

    def _room_closed(self, event: Event) -> None:
        assert event.room_id is not None
        channel = room_channel(event.room_id)
        for subscriber in self.fanout.members(channel):
            if subscriber.subscription.follows:
                self._unsubscribe(subscriber, channel)
            else:
                subscriber.end(CloseReason.ROOM_CLOSED)

    def _unsubscribe(self, subscriber: Subscriber, channel: Channel) -> None:
        subscriber.unsubscribe(channel)
        self.fanout.remove(subscriber, [channel])
        self.changed.add(channel)

    def _session_ended(self, event: Event) -> None:
        reason = CloseReason.of_session_end(msgspec.json.decode(event.data, type=SessionEnded).reason)
        for subscriber in self.subscribers:
            if subscriber.session_id == event.session_id:
                subscriber.end(reason)


def _runs(events: Sequence[Event]) -> list[list[Event]]:
    """The events in order. An event that changes rights, or is guarded, is a run of its own."""
    runs: list[list[Event]] = []
    for event in events:
        if not runs or _is_alone(event) or _is_alone(runs[-1][0]):
            runs.append([event])
        else:
            runs[-1].append(event)
    return runs


def _is_alone(event: Event) -> bool:
    return event.kind in CONTROL_KINDS or event.guarded
