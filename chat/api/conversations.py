"""The caller's direct conversations, no matter who began them."""

from flask import Blueprint, Response

from chat.api import query
from chat.api.auth import service
from chat.api.operation import Operation, compressed, operation
from chat.api.rooms import reader
from chat.domain.shapes.answers import Conversation, Last
from chat.domain.shapes.refs import RoomRef, UserRef
from chat.domain.validation import LARGEST_ID
from chat.problems import BadInput
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
    """`before` is compared with the newest message of each conversation. The next page begins below the last one of this page."""
    most, below = query.limit(), query.before()
    rows = conversations.page(service().reads, reader(), LARGEST_ID if below is None else below, most + 1)
    return compressed([_shape(row) for row in rows[:most]], headers=query.link(before=rows[most - 1].newest) if len(rows) > most else {})


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
