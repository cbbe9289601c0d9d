"""The caller's direct conversations, no matter who began them."""

from flask import Blueprint, Response

from chat.api import query
from chat.api.auth import service
from chat.api.operation import Operation, compressed
from chat.api.rooms import reader
from chat.domain.shapes.answers import Conversation
from chat.domain.validation import LARGEST_ID
from chat.problems import BadInput
from chat.services import conversations

blueprint = Blueprint("conversations", __name__)


@Operation(
    blueprint,
    "The caller's direct conversations, the one with the newest message first",
    "GET",
    "/conversations",
    {200: list[Conversation]},
    parameters=(query.LIMIT, query.BEFORE),
    problems=(BadInput,),
)
def list_conversations() -> Response:
    """`before` is compared with the newest message of each conversation. The next page begins below the last one of this page."""
    most, below = query.limit(), query.bound("before")
    rows = conversations.page(service().reads, reader(), LARGEST_ID if below is None else below, most + 1)
    return compressed(rows[:most], headers=query.link(before=rows[most - 1].newest) if len(rows) > most else {})
