"""The caller's direct conversations, whoever began them."""

from flask import Blueprint, Response

from chat.api import query
from chat.api.auth import service
from chat.api.operation import Operation, operation, packed
from chat.api.rooms import reader
from chat.domain.shapes import Conversation, Last, RoomRef, UserRef
from chat.domain.validation import LARGEST_ID
from chat.errors import BadInput
from chat.services import conversations
from chat.services.conversations import ConversationRow

blueprint = Blueprint("conversations", __name__)


@operation(
    blueprint,
    Operation(
        "The caller's direct conversations, the one with the newest message first",
        "GET",
        "/conversations",
        {200: list[Conversation]},
        parameters=(query.LIMIT, query.BEFORE),
        problems=(BadInput,),
    ),
)
def list_conversations() -> Response:
    """`before` is held against the newest message of each: a page ends with the one that the next begins below."""
    most, below = query.limit(), query.before()
    found = conversations.listed(service().reads, reader(), LARGEST_ID if below is None else below, most + 1)
    return packed([_shape(row) for row in found[:most]], headers=query.link(before=found[most - 1].newest) if len(found) > most else {})


def _shape(row: ConversationRow) -> Conversation:
    sender = UserRef(row.sender_id, row.sender_name) if row.sender_id is not None and row.sender_name is not None else None
    return Conversation(
        room=RoomRef(row.id, None, "direct"),
        id=row.id,
        user=UserRef(row.user_id, row.user_name),
        read=row.read,
        unread=row.unread,
        mentions=row.mentions,
        newest=row.newest,
        last=Last(row.newest, sender, row.text, row.created_at),
    )
