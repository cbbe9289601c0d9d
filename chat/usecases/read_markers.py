"""How far a user has read a room: stored, and signalled to the user's other devices."""

from sqlalchemy import Engine

from chat.domain.shapes.refs import RoomRef
from chat.services import read_markers
from chat.services.unread import Reader
from chat.usecases.signals import Signals


class ReadMarkers:
    """`reads` is in autocommit."""

    def __init__(self, reads: Engine, signals: Signals) -> None:
        self._reads = reads
        self._signals = signals

    def mark(self, room: RoomRef, reader: Reader, event_id: int, as_of: int) -> None:
        """Moves the marker forward, at most to the room's newest event. as_of: when the session was found good. Raises NotAMember."""
        read = read_markers.mark(self._reads, room, reader, event_id)
        if read is not None:
            self._signals.read(read, reader.id, as_of)
