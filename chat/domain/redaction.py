"""Redaction: takes the text of a deleted message out of its event, those of its edits, and the replies that quote it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import msgspec
from msgspec import UNSET, structs

from chat.domain import sse
from chat.domain.event import POSTED_KINDS, Event
from chat.domain.shapes.events import Deleted, Edited, Message, Reply


def redacter(deletion: Event) -> Callable[[Event], Event]:
    """Returns a function that makes each event of the deletion's room what the database has now. Most events stay as they are."""
    target = deletion.about_id
    deleted_at = msgspec.json.decode(deletion.data, type=Deleted).created_at

    def redact(event: Event) -> Event:
        if event.id == target:
            return _with_data(event, _without_content(msgspec.json.decode(event.data, type=Message), deleted_at))
        if event.about_id != target:
            return event
        if event.kind == "edited":
            return _with_data(event, _without_text(msgspec.json.decode(event.data, type=Edited)))
        if event.kind in POSTED_KINDS:
            return _with_data(event, _without_quote(msgspec.json.decode(event.data, type=Message)))
        return event

    return redact


def _with_data(event: Event, shape: Message | Edited) -> Event:
    return replace(event, frame=sse.frame(event.id, event.kind, msgspec.json.encode(shape)))


def _without_content(message: Message, deleted_at: datetime) -> Message:
    return structs.replace(message, text="", file=UNSET, deleted_at=deleted_at, reactions=UNSET)


def _without_text(edited: Edited) -> Edited:
    return structs.replace(edited, message=structs.replace(edited.message, text=""))


def _without_quote(reply: Message) -> Message:
    """A reply that was deleted itself holds no quote any more, and stays."""
    return structs.replace(reply, reply_to=structs.replace(reply.reply_to, text="")) if isinstance(reply.reply_to, Reply) else reply
