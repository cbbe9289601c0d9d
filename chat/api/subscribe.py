"""Subscribing: a stream of Server-Sent Events if the client accepts one, otherwise a long poll."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from flask import Blueprint, Response, request

from chat.api import auth, problem_handlers, query
from chat.api.auth import service
from chat.api.operation import ID_SCHEMA, Operation, Parameter, checked
from chat.api.rooms import readable_room
from chat.domain import validation
from chat.domain.event import room_channel, shared
from chat.domain.shapes.answers import Polled
from chat.live.subscriber import Subscriber
from chat.problems import BadInput, Gone, NotFound, NotJoined, SessionOver, Unavailable
from chat.server.answer import Answer
from chat.server.takeover import SubscriberFactory, Takeover
from chat.usecases.subscribe import Selection, SubscriptionRequest

blueprint = Blueprint("subscribe", __name__)

WAIT_SECONDS = 25
MOST_WAIT_SECONDS = 55  # what PaaS routers allow between bytes
START_SECONDS = 10.0  # for a worker that has just started and fills its tail

WAIT = Parameter(
    "wait",
    "query",
    f"long poll: seconds to wait for an event, {WAIT_SECONDS} by default",
    {"type": "integer", "minimum": 0, "maximum": MOST_WAIT_SECONDS},
)
CURSOR = Parameter("after", "query", "the cursor: first everything above it, then new events", ID_SCHEMA)
LAST_EVENT_ID = Parameter("Last-Event-ID", "header", "the cursor, as EventSource sends it; takes precedence over `after`", ID_SCHEMA)
NAMED = Parameter(
    "room", "query", "an open room in addition to one's own, by id or name; repeatable", {"type": "array", "items": {"type": "string"}}
)
COMMON = (CURSOR, LAST_EVENT_ID, WAIT)
PROBLEMS = (BadInput, NotFound, NotJoined, Gone)


@blueprint.errorhandler(SessionOver)
def stop_asking(problem: SessionOver) -> Response:
    """204 stops an EventSource whose session is over. Every other client gets the problem."""
    return Response(status=204) if _wants_stream() else problem_handlers.respond(problem)


@Operation(blueprint, "Subscribe to one room", "GET", "/room/{room}/subscribe", {200: Polled}, parameters=(*COMMON,), problems=PROBLEMS)
def subscribe_to_room(room: str) -> Response:
    _require_ready()
    return _subscribe(_select([room]))


@Operation(
    blueprint,
    "Subscribe to direct messages to the caller",
    "GET",
    "/messages/subscribe",
    {200: Polled},
    parameters=COMMON,
    problems=(BadInput,),
)
def subscribe_to_inbox() -> Response:
    _require_ready()
    return _subscribe(Selection(inbox=True))


@Operation(
    blueprint,
    "Subscribe to all of the caller's rooms and conversations, and to the open rooms that are named",
    "GET",
    "/subscribe",
    {200: Polled},
    parameters=(NAMED, *COMMON),
    problems=PROBLEMS,
)
def subscribe_to_all() -> Response:
    _require_ready()
    return _subscribe(replace(_select(request.args.getlist("room")), follows=True))


def _select(references: list[str]) -> Selection:
    """The rooms, all of which the caller must read. Raises NoSuchRoom, RoomEnded, NotAMember."""
    rooms = {room.id: since for room, since in map(readable_room, references)}
    return Selection(rooms=tuple(rooms), since=tuple((room_id, since) for room_id, since in rooms.items() if since))


def _require_ready() -> None:
    """Raises Unavailable while this worker starts or stops.

    A stopping worker still opens a stream, and tells it to come back: EventSource would give up for good after an error."""
    service().listen()
    hub = service().hub
    if hub.draining and not _wants_stream():
        raise Unavailable("this worker is stopping")
    if not hub.ready.wait(START_SECONDS):
        raise Unavailable("this worker does not follow the log yet")


def _subscribe(selection: Selection) -> Response:
    subscription = SubscriptionRequest(auth.caller(), selection, _cursor())
    if _wants_stream():
        return _takeover(subscription, service().streams.open(subscription), polls=False)
    wait = checked("wait", partial(validation.whole_number, low=0, high=MOST_WAIT_SECONDS), request.args.get("wait", str(WAIT_SECONDS)))
    polled = service().long_poll.poll(subscription, wait, auth.caller_token())
    return Answer(polled) if isinstance(polled, bytes) else _takeover(subscription, polled, polls=True)


def _wants_stream() -> bool:
    return "text/event-stream" in request.headers.get("Accept", "")


def _cursor() -> int | None:
    header = request.headers.get("Last-Event-ID")
    if header:
        return checked("Last-Event-ID", validation.cursor, header)
    return query.bound("after")


def _takeover(subscription: SubscriptionRequest, start: Callable[[Subscriber], None], *, polls: bool) -> Takeover:
    identity, selection = subscription.identity, subscription.selection
    factory = SubscriberFactory(
        identity.user_id,
        identity.session_id,
        polls=polls,
        follows=selection.follows,
        named=shared([room_channel(room_id) for room_id in selection.rooms]),
        address=request.remote_addr or "",
    )
    return Takeover(factory, start, service().epoll, polls=polls)
