"""The codec of the log's entries: the fields of an entry of the Redis stream, and the event that they are.

An entry has three fields: `frame`, the SSE frame, `route`, the words of a Route with a space between, and `epoch`, the log's. The first
two stay as they are: during a deploy workers of earlier versions read and write the same stream, and they take a route apart by position.
A field for each word beside the route would take a tenth more of Redis's memory (283 bytes an entry instead of 256, of 20,000) and two to
four times as long to read; instead of the route, the version before could not read it."""

from collections.abc import Mapping
from typing import NamedTuple, cast

from chat.domain.event import Event, Kind


class Route(NamedTuple):
    """Who receives an event, in the order of the words on the wire; 0 for an id that is missing. `lua/forget.lua` reads the first two."""

    kind: str
    room_id: str
    sender_id: str
    recipient_id: str
    session_id: str
    about_id: str
    guarded: str  # "guarded" or "plain"


def encode_entry(event: Event) -> dict[str, str | bytes]:
    route = Route(
        kind=event.kind,
        room_id=str(event.room_id or 0),
        sender_id=str(event.sender_id),
        recipient_id=str(event.recipient_id or 0),
        session_id=str(event.session_id or 0),
        about_id=str(event.about_id or 0),
        guarded="guarded" if event.guarded else "plain",
    )
    return {"route": " ".join(route), "frame": event.frame}


def decode_entry(entry_id: bytes, fields: Mapping[bytes, bytes]) -> Event:
    """Raises KeyError, TypeError or ValueError for an entry of another form."""
    route = Route(*fields[b"route"].decode().split(" "))
    return Event(
        id=event_id(entry_id),
        kind=cast(Kind, route.kind),
        room_id=int(route.room_id) or None,
        sender_id=int(route.sender_id),
        recipient_id=int(route.recipient_id) or None,
        session_id=int(route.session_id) or None,
        frame=fields[b"frame"],
        about_id=int(route.about_id) or None,
        guarded=route.guarded == "guarded",
    )


def event_id(entry_id: bytes) -> int:
    """Of an entry's id, `<event id>-0`."""
    return int(entry_id.partition(b"-")[0])
