"""What a deleted message said is taken out of the events that hold it: its own, those of its edits, and those that quote it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import msgspec
from msgspec import UNSET, structs

from chat.domain import sse
from chat.domain.event import POSTED_KINDS, Event
from chat.domain.shapes.events import Deleted, Edited, Message, Reply


def eraser(deletion: Event) -> Callable[[Event], Event]:
    """What to make of each event of the deletion's room: the same event, as the record has it now. Most stay what they are."""
    target = deletion.about_id
    at = msgspec.json.decode(deletion.data, type=Deleted).created_at

    def erased(event: Event) -> Event:
        if event.id == target:
            return _with_data(event, _emptied(msgspec.json.decode(event.data, type=Message), at))
        if event.about_id != target:
            return event
        if event.kind == "edited":
            return _with_data(event, _unsaid(msgspec.json.decode(event.data, type=Edited)))
        if event.kind in POSTED_KINDS:
            return _with_data(event, _unquoted(msgspec.json.decode(event.data, type=Message)))
        return event

    return erased


def _with_data(event: Event, shape: Message | Edited) -> Event:
    return replace(event, frame=sse.frame(event.id, event.kind, msgspec.json.encode(shape)))


def _emptied(message: Message, at: datetime) -> Message:
    return structs.replace(message, text="", file=UNSET, deleted_at=at, reactions=UNSET)


def _unsaid(edited: Edited) -> Edited:
    return structs.replace(edited, message=structs.replace(edited.message, text=""))


def _unquoted(answer: Message) -> Message:
    """Nothing changes where the answer itself was deleted, and says of its quote no more than this."""
    return structs.replace(answer, reply_to=structs.replace(answer.reply_to, text="")) if isinstance(answer.reply_to, Reply) else answer
