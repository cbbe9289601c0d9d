"""A record: an event as the database has it, and the JSON that is made of it, for the log and its streams and for history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from msgspec import UNSET, structs

from chat.domain import sse
from chat.domain.event import MESSAGE_CHANGE_KINDS, POSTED_KINDS, Event, Kind
from chat.domain.shapes.events import (
    Deleted,
    Edited,
    EditedMessage,
    MembershipChange,
    Message,
    Reacted,
    Reaction,
    Reply,
    RoomChanged,
    RoomClosed,
    SessionEnded,
)
from chat.domain.shapes.refs import FileRef, MessageRef, RoomKind, RoomRef, SessionRef, UserRef, file_url, preview_url


@dataclass(frozen=True, slots=True)
class Record:
    """An event as the database has it, with the names that its JSON shows. reactions: emoji, user's id and name, in their order."""

    id: int
    kind: Kind
    room_id: int | None
    room_kind: RoomKind | None
    room_name: str | None
    sender_id: int | None
    sender_name: str | None
    recipient_id: int | None
    session_id: int | None
    text: str | None
    created_at: datetime
    reason: str | None = None
    members_only: bool = False
    topic: str = ""
    max_members: int | None = None
    expires_at: datetime | None = None
    file_id: int | None = None
    file_name: str | None = None
    file_type: str | None = None
    file_size: int | None = None
    file_preview: bool = False
    file_width: int | None = None
    file_height: int | None = None
    ephemeral: bool = False
    target_id: int | None = None
    target_sender_id: int | None = None
    emoji: str | None = None
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    reply_to: int | None = None
    quoted_sender_id: int | None = None
    quoted_sender_name: str | None = None
    quoted_text: str | None = None
    reactions: Sequence[tuple[str, int, str]] | None = None


def encode(record: Record) -> Event:
    """The event of a record. Its JSON and its frame are made here and nowhere else."""
    data = msgspec.json.encode(shape(record))
    changes_message = record.target_id is not None
    return Event(
        id=record.id,
        kind=record.kind,
        room_id=record.room_id,
        sender_id=(record.target_sender_id if changes_message else record.sender_id) or 0,
        recipient_id=record.recipient_id,
        session_id=record.session_id,
        frame=sse.frame(record.id, record.kind, data),
        about_id=record.target_id or record.reply_to,
        guarded=record.ephemeral and changes_message,
    )


Shape = Message | Edited | Deleted | Reacted | MembershipChange | RoomChanged | RoomClosed | SessionEnded


def shape(record: Record) -> Shape:
    """The JSON that a client reads."""
    if record.kind == "session_ended":
        assert record.session_id is not None and record.reason is not None
        return SessionEnded(record.id, record.kind, _sender(record), SessionRef(record.session_id), record.reason, record.created_at)
    assert record.room_id is not None and record.room_kind is not None
    room = RoomRef(record.room_id, record.room_name, record.room_kind)
    if record.kind in POSTED_KINDS:
        return _message(record, room)
    if record.kind in MESSAGE_CHANGE_KINDS:
        return _message_change(record, room)
    if record.kind == "room_changed":
        return RoomChanged(record.id, record.kind, room, record.topic, record.max_members, record.expires_at, record.created_at)
    if record.kind == "room_closed":
        return RoomClosed(record.id, record.kind, room, record.reason or "", record.created_at)
    change = (record.id, record.kind, room, _sender(record), record.members_only, record.created_at)
    return MembershipChange(*change)  # type: ignore[arg-type] # the other kinds


def whole(record: Record) -> Message:
    """A message as history shows it: null where a stream leaves a field out."""
    message = shape(record)
    assert isinstance(message, Message)
    missing = {name: None for name in ("reply_to", "edited_at", "deleted_at") if getattr(message, name) is UNSET}
    return structs.replace(message, **missing, reactions=message.reactions or [])


def _message(record: Record, room: RoomRef) -> Message:
    assert record.text is not None
    sender = _sender(record) if record.sender_id is not None else None
    return Message(
        record.id,
        record.kind,  # type: ignore[arg-type] # a posted kind
        room,
        sender,
        record.text,
        record.created_at,
        file=_file(record) if record.file_id is not None else UNSET,
        reply_to=_reply(record) if record.reply_to is not None else UNSET,
        edited_at=record.edited_at or UNSET,
        deleted_at=record.deleted_at or UNSET,
        reactions=_reactions(record.reactions) if record.reactions else UNSET,
    )


def _reply(record: Record) -> Reply:
    assert record.reply_to is not None
    sender = UserRef(record.quoted_sender_id, record.quoted_sender_name or "") if record.quoted_sender_id is not None else None
    return Reply(record.reply_to, sender, record.quoted_text or "")


def _reactions(rows: Sequence[tuple[str, int, str]]) -> list[Reaction]:
    users: dict[str, list[UserRef]] = {}
    for emoji, user_id, name in rows:
        users.setdefault(emoji, []).append(UserRef(user_id, name))
    return [Reaction(emoji, reactors) for emoji, reactors in users.items()]


def _message_change(record: Record, room: RoomRef) -> Edited | Deleted | Reacted:
    assert record.target_id is not None
    user, target = _sender(record), MessageRef(record.target_id)
    if record.kind == "edited":
        message = EditedMessage(record.target_id, record.text or "", record.edited_at or record.created_at)
        return Edited(record.id, "edited", room, message, user, record.created_at)
    if record.kind == "deleted":
        return Deleted(record.id, "deleted", room, target, user, record.created_at)
    return Reacted(record.id, record.kind, room, target, user, record.emoji or "", record.created_at)  # type: ignore[arg-type] # the others


def _sender(record: Record) -> UserRef:
    assert record.sender_id is not None and record.sender_name is not None
    return UserRef(record.sender_id, record.sender_name)


def _file(record: Record) -> FileRef:
    assert record.file_id is not None and record.file_name is not None and record.file_type is not None and record.file_size is not None
    url = file_url(record.file_id, record.file_name)
    preview = preview_url(record.file_id) if record.file_preview else None
    return FileRef(
        record.file_id, record.file_name, record.file_size, record.file_type, url, preview, record.file_width, record.file_height
    )
