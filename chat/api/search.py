"""Full-text search in all messages that the caller may read."""

from flask import Blueprint, Response, request

from chat.api import auth, query
from chat.api.auth import service
from chat.api.operation import ID_SCHEMA, Operation, Parameter, answer, checked
from chat.api.rooms import readable_room
from chat.domain import validation
from chat.domain.shapes.answers import Results
from chat.problems import BadInput, Gone, NotFound, NotJoined
from chat.usecases.search import SearchRequest

blueprint = Blueprint("search", __name__)

PAGE = 20
MOST = 100

WORDS = Parameter(
    "q",
    "query",
    'words that a message must all contain, the last one perhaps only its beginning; "a phrase", this or that, -without',
    {"type": "string", "minLength": 1, "maxLength": validation.SEARCH_LENGTH},
)
IN_ROOM = Parameter("room", "query", "only in this room, by id or name")
LIMIT = query.limit_of(PAGE, MOST)
BEFORE = Parameter("before", "query", "the id of the last result so far: only results after it", ID_SCHEMA)


@Operation(
    blueprint,
    "Messages that contain these words, the best match first; of very many matches the newest 1,000",
    "GET",
    "/search",
    {200: Results},
    parameters=(WORDS, IN_ROOM, LIMIT, BEFORE),
    problems=(BadInput, NotFound, NotJoined, Gone),
)
def search() -> Response:
    """Pages are stable: a message's rank depends only on its own text and the query, so new messages move no other result.
    `before=` continues right after the result that it names, as long as that one is still a result."""
    words = checked("q", validation.search_text, request.args.get("q", ""))
    search_request = SearchRequest(words, auth.caller().user_id, _room_id(), query.bound("before"), query.limit(PAGE, MOST))
    return answer(service().search.find(search_request))


def _room_id() -> int | None:
    reference = request.args.get("room")
    return None if reference is None else readable_room(reference)[0].id
