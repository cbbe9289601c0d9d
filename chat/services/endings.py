"""The end of a room: once, with one last event, after the last message that was accepted."""

from typing import Literal

from sqlalchemy import Engine, text

from chat.services import events

Reason = Literal["expired", "empty", "owner", "operator"]


def close(engine: Engine, room_id: int, reason: Reason) -> int | None:
    """Ends a room with a `room_closed` event; answers the event's id, None where it has ended already, on whatever worker.

    Its invite key ends with it. What was said in it is purged later, when every worker has told its streams."""
    ended = text("UPDATE rooms SET ended_at = now() WHERE id = :id AND ended_at IS NULL AND kind <> 'direct'")
    with engine.begin() as connection:
        events.lock_log(connection)
        if not connection.execute(ended, {"id": room_id}).rowcount:
            return None
        connection.execute(text("DELETE FROM invites WHERE room_id = :id"), {"id": room_id})
        return events.append(connection, "room_closed", None, room_id=room_id, reason=reason)
