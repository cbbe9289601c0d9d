"""What a reader asks for, and which committed events are owed to it: the checker's own statement of who sees what."""

from dataclasses import dataclass

INVISIBLE = frozenset({"session_ended"})


@dataclass(frozen=True, slots=True)
class Row:
    """An event as the record has it. sender_id: of a correction, the sender of what is corrected, who is told of it like of that.
    corrected: it was edited or deleted, and was told in other words before."""

    id: int
    kind: str
    room_id: int | None
    sender_id: int | None
    recipient_id: int | None
    text: str | None
    corrected: bool = False

    @property
    def shown(self) -> str:
        """What a reader can compare of it."""
        return self.text if self.text is not None else self.kind


@dataclass(frozen=True)
class Room:
    """One room."""

    room: int

    def path(self) -> str:
        return f"/api/v1/room/{self.room}/subscribe"

    def query(self) -> dict[str, object]:
        return {}

    def owes(self, row: Row) -> bool:
        return row.room_id == self.room and row.kind not in INVISIBLE


@dataclass(frozen=True)
class Inbox:
    """What others write directly to one person."""

    user: int

    def path(self) -> str:
        return "/api/v1/messages/subscribe"

    def query(self) -> dict[str, object]:
        return {}

    def owes(self, row: Row) -> bool:
        return row.recipient_id == self.user


@dataclass(frozen=True)
class Everything:
    """All rooms and conversations of one person, both sides, and some open rooms by name, on one connection."""

    user: int
    own: tuple[int, ...]
    named: tuple[int, ...] = ()

    def path(self) -> str:
        return "/api/v1/subscribe"

    def query(self) -> dict[str, object]:
        return {"room": self.named}

    def owes(self, row: Row) -> bool:
        if row.recipient_id is not None:
            return self.user in (row.sender_id, row.recipient_id)
        return row.room_id in self.own + self.named and row.kind not in INVISIBLE


Feed = Room | Inbox | Everything
