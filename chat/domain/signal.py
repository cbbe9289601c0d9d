"""A whisper: a frame without an id, for what is not worth a place in the log. Who is not there to hear it misses it."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from chat.domain import sse
from chat.domain.event import Channel, conversations_channel, inbox_channel, room_channel
from chat.domain.shapes.events import Presence, Read, Typing
from chat.domain.shapes.refs import RoomId, RoomRef, UserRef

HEARD = 500  # subscribers of a channel on one worker: in a larger crowd nobody looks at who types, and each word of it would cost
HEARD_PRESENCE = 100  # streams of a room over all workers


class Signal(Struct, frozen=True, array_like=True):
    """What is said on some channels. as_of: what the hearers' rights must be known up to; only: to this user, but: not to this one."""

    frame: bytes
    channels: list[Channel]
    as_of: int
    only: int = 0
    but: int = 0


def typing(room: RoomRef, user: UserRef, pair: Sequence[int], as_of: int) -> Signal:
    """Somebody writes in a room; pair: the two people of a direct one, who may hear it by their own channels."""
    others = [channel for other in pair if other != user.id for channel in (inbox_channel(other), conversations_channel(other))]
    return Signal(_frame("typing", Typing(room, user)), [room_channel(room.id), *others], as_of, but=user.id)


def read(read: Read, user_id: int, as_of: int) -> Signal:
    """A user has read a room up to an event: for whatever else they have open."""
    return Signal(_frame("read", read), [conversations_channel(user_id), room_channel(read.room.id)], as_of, only=user_id)


def presence(room_id: int, user: UserRef, present: bool, as_of: int) -> Signal:
    """Somebody came to a room, or went."""
    return Signal(_frame("presence", Presence(RoomId(room_id), user, present)), [room_channel(room_id)], as_of)


def packed(whispers: Sequence[Signal]) -> bytes:
    """As the workers tell each other."""
    return msgspec.msgpack.encode(whispers)


def unpacked(said: bytes) -> list[Signal]:
    """Raises msgspec.DecodeError for what a worker of another version may say."""
    return msgspec.msgpack.decode(said, type=list[Signal])


def _frame(kind: str, shape: Struct) -> bytes:
    return sse.unnumbered(kind, msgspec.json.encode(shape))
