"""A signal: a frame without an id, for typing, presence and read markers. It is not in the log: a client that is away misses it."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from chat.domain import sse
from chat.domain.event import Channel, conversations_channel, inbox_channel, room_channel
from chat.domain.shapes.events import Presence, Read, Typing
from chat.domain.shapes.refs import RoomId, RoomRef, UserRef

MAX_SUBSCRIBERS = 500  # of a channel on one worker: in a larger crowd nobody looks at who types, and each signal costs a send to each
MAX_PRESENCE_STREAMS = 100  # of a room on all workers: in a larger room no presence is sent


class Signal(Struct, frozen=True, array_like=True):
    """as_of: the event up to which a hub must have delivered before it sends the signal, because the sender's right rests on it.
    only_user_id: sent to this user alone; except_user_id: to everybody but this user; 0: no such limit. The order of the fields is that on
    the wire, and stays: during a deploy workers of two versions run."""

    frame: bytes
    channels: list[Channel]
    as_of: int
    only_user_id: int = 0
    except_user_id: int = 0


def typing(room: RoomRef, user: UserRef, pair: Sequence[int], as_of: int) -> Signal:
    """A user is typing in a room. pair: the two users of a direct room, who may be subscribed to channels of their own only."""
    others = [channel for other in pair if other != user.id for channel in (inbox_channel(other), conversations_channel(other))]
    return Signal(_frame("typing", Typing(room, user)), [room_channel(room.id), *others], as_of, except_user_id=user.id)


def read(read: Read, user_id: int, as_of: int) -> Signal:
    """A user has read a room up to an event; sent to the user's own streams."""
    return Signal(_frame("read", read), [conversations_channel(user_id), room_channel(read.room.id)], as_of, only_user_id=user_id)


def presence(room_id: int, user: UserRef, present: bool, as_of: int) -> Signal:
    """A user came to a room, or went."""
    return Signal(_frame("presence", Presence(RoomId(room_id), user, present)), [room_channel(room_id)], as_of)


def encode_signals(signals: Sequence[Signal]) -> bytes:
    """The message that one worker publishes to all."""
    return msgspec.msgpack.encode(signals)


def decode_signals(message: bytes) -> list[Signal]:
    """Raises msgspec.DecodeError for a message of another version that has another form."""
    return msgspec.msgpack.decode(message, type=list[Signal])


def _frame(kind: str, shape: Struct) -> bytes:
    return sse.unnumbered(kind, msgspec.json.encode(shape))
