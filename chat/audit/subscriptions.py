"""The subscriptions of readers, and which events each one includes: a statement of who sees what, independent of the service's code."""

from dataclasses import dataclass

INVISIBLE = frozenset({"session_ended"})


@dataclass(frozen=True, slots=True)
class Row:
    """An event on record. sender_id: for a correction, the sender of the corrected message, whose readers get the correction.
    corrected: the message was edited or deleted, so readers may have received another text before."""

    id: int
    kind: str
    room_id: int | None
    sender_id: int | None
    recipient_id: int | None
    text: str | None
    corrected: bool = False

    @property
    def content(self) -> str:
        """What a reader can compare: the text, or the kind of an event without one."""
        return self.text if self.text is not None else self.kind


@dataclass(frozen=True)
class Room:
    """One room."""

    room: int
    named = ()

    @property
    def path(self) -> str:
        return f"/api/v1/room/{self.room}/subscribe"

    def includes(self, row: Row) -> bool:
        return row.room_id == self.room and row.kind not in INVISIBLE


@dataclass(frozen=True)
class Inbox:
    """Direct messages to one person."""

    user: int
    named = ()
    path = "/api/v1/messages/subscribe"

    def includes(self, row: Row) -> bool:
        return row.recipient_id == self.user


@dataclass(frozen=True)
class Everything:
    """All rooms and conversations of one person, both sides, and some open rooms by name, on one connection."""

    user: int
    own: tuple[int, ...]
    named: tuple[int, ...] = ()
    path = "/api/v1/subscribe"

    def includes(self, row: Row) -> bool:
        if row.recipient_id is not None:
            return self.user in (row.sender_id, row.recipient_id)
        return row.room_id in self.own + self.named and row.kind not in INVISIBLE


Subscription = Room | Inbox | Everything
