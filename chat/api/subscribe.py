"""Subscribing: Server-Sent Events for whom asks for them, the long poll for everybody else."""

from dataclasses import dataclass, replace
from functools import partial
from time import monotonic

import gevent
from flask import Blueprint, Response, request

from chat.api import auth, problems, query
from chat.api.auth import service
from chat.api.operation import Operation, Parameter, checked, operation
from chat.api.rooms import ROOM, readable_room
from chat.domain import sse, validation
from chat.domain.event import room_channel, shared
from chat.domain.payload import polled
from chat.domain.shapes import Polled
from chat.errors import BadInput, Gone, NotFound, NotJoined, NotSignedIn, SessionOver, Unavailable
from chat.live.subscriber import Subscriber
from chat.server.answer import Answer
from chat.server.takeover import SubscriberFactory, Takeover
from chat.services.sessions import Identity
from chat.usecases.resume import Resume, next_page
from chat.usecases.subscribe import Grant, Wish

blueprint = Blueprint("subscribe", __name__)

WAIT_SECONDS = 25
MOST_WAIT_SECONDS = 55  # what PaaS routers allow between bytes
HEAR_SECONDS = 0.5  # for the hub to hear what was committed: longer than it takes without Redis
START_SECONDS = 10.0  # for a worker that has just begun and fills its tail

WAIT = Parameter(
    "wait",
    "query",
    f"long poll: seconds to wait for an event, {WAIT_SECONDS} unless told",
    {"type": "integer", "minimum": 0, "maximum": MOST_WAIT_SECONDS},
)
CURSOR = Parameter("after", "query", "the cursor: everything above it first, then what comes", query.ID_SCHEMA)
LAST_EVENT_ID = Parameter("Last-Event-ID", "header", "the cursor, as EventSource sends it; goes before `after`", query.ID_SCHEMA)
NAMED = Parameter(
    "room", "query", "an open room beside one's own, by id or name; repeatable", {"type": "array", "items": {"type": "string"}}
)
COMMON = (CURSOR, LAST_EVENT_ID, WAIT)
PROBLEMS = (BadInput, NotFound, NotJoined, Gone)


@blueprint.errorhandler(SessionOver)
def stop_asking(problem: SessionOver) -> Response:
    """204 stops an EventSource whose session is over; whoever else asks is told."""
    return Response(status=204) if _wants_stream() else problems.respond(problem)


@dataclass(frozen=True, slots=True)
class Asked:
    """A subscription as it was asked for; as_of is from before anything about it was looked up."""

    identity: Identity
    wish: Wish
    cursor: int | None
    as_of: int


@operation(
    blueprint,
    Operation("Subscribe to one room", "GET", "/room/{room}/subscribe", {200: Polled}, parameters=(ROOM, *COMMON), problems=PROBLEMS),
)
def subscribe_to_room(room: str) -> Response:
    as_of = _as_of()
    return _subscribe(as_of, _wish([room]))


@operation(
    blueprint,
    Operation(
        "Subscribe to what is posted directly to the caller",
        "GET",
        "/messages/subscribe",
        {200: Polled},
        parameters=COMMON,
        problems=(BadInput,),
    ),
)
def subscribe_to_inbox() -> Response:
    return _subscribe(_as_of(), Wish(inbox=True))


@operation(
    blueprint,
    Operation(
        "Subscribe to all of the caller's rooms and conversations, and to the open rooms that are named",
        "GET",
        "/subscribe",
        {200: Polled},
        parameters=(NAMED, *COMMON),
        problems=PROBLEMS,
    ),
)
def subscribe_to_all() -> Response:
    as_of = _as_of()
    return _subscribe(as_of, replace(_wish(request.args.getlist("room")), follows=True))


def _wish(references: list[str]) -> Wish:
    """For these rooms, which the caller reads. Raises NotFound, NotJoined, Gone."""
    found = {room.id: since for room, since in map(readable_room, references)}
    return Wish(rooms=tuple(found), since=tuple((room_id, since) for room_id, since in found.items() if since))


def _as_of() -> int:
    """What was committed when the session was found good. Raises Unavailable while this worker is only starting, or stops.

    Not to a stream, though: EventSource would give up for good, so that one is opened, and sent on."""
    service().listen()
    hub = service().hub
    if hub.draining and not _wants_stream():
        raise Unavailable("this worker is stopping")
    if not hub.ready.wait(START_SECONDS):
        raise Unavailable("this worker does not hear the log yet")
    return auth.caller().head


def _subscribe(as_of: int, wish: Wish) -> Response:
    asked = Asked(auth.caller(), wish, _cursor(), as_of)
    return _stream(asked) if _wants_stream() else _poll(asked)


def _wants_stream() -> bool:
    return "text/event-stream" in request.headers.get("Accept", "")


def _cursor() -> int | None:
    header = request.headers.get("Last-Event-ID")
    if header:
        return checked("Last-Event-ID", validation.cursor, header)
    return query.after()


def _stream(asked: Asked) -> Response:
    head = _head(asked)
    beyond = asked.cursor is not None and asked.cursor > head
    cursor = head if asked.cursor is None or beyond else asked.cursor
    hello = sse.hello(cursor) + (sse.reset(head) if beyond else b"")
    grant = service().grants.grant(asked.identity, asked.wish, asked.as_of)

    resume = _resume(asked)

    def start(subscriber: Subscriber) -> None:
        subscriber.write(hello)
        resume(subscriber=subscriber).run(grant, cursor)

    return Takeover(_make(asked, polls=False), start, service().epoll, polls=False)


def _resume(asked: Asked) -> "partial[Resume]":
    """What resumes a subscriber, free of the request: it lives on after it."""
    regrant = partial(service().grants.regrant, asked.identity, asked.wish)
    return partial(Resume, hub=service().hub, reads=service().reads, regrant=regrant)


def _head(asked: Asked) -> int:
    """The newest committed id, of when the session was looked up; a hub may have heard of newer ones since."""
    return max(asked.identity.head, service().hub.position)


def _poll(asked: Asked) -> Response:
    wait = checked("wait", partial(validation.whole_number, low=0, high=MOST_WAIT_SECONDS), request.args.get("wait", str(WAIT_SECONDS)))
    head = _head(asked)
    if asked.cursor is None or asked.cursor > head:
        return _polled(polled((), head))
    _hear(head)
    grant = service().grants.grant(asked.identity, asked.wish, asked.as_of)
    page = next_page(service().hub, service().reads, grant, asked.cursor)
    while not page.events and not page.final:
        page = next_page(service().hub, service().reads, grant, page.cursor)
    if service().hub.rights_changed(asked.identity.user_id, grant.as_of):
        return _poll_anew(asked)
    if page.events or not wait:
        return _polled(polled(page.events, page.cursor))
    return _wait(asked, grant, page.cursor, wait)


def _hear(head: int) -> None:
    """Waits a moment for the hub: what was committed before a poll was asked is in its answer."""
    deadline = monotonic() + HEAR_SECONDS
    while service().hub.position < head and monotonic() < deadline:
        gevent.sleep(HEAR_SECONDS / 100)


def _poll_anew(asked: Asked) -> Response:
    """Something about the caller's rights was said meanwhile: nothing is given on the old ones."""
    if service().grants.regrant(asked.identity, asked.wish) is None:
        raise NotSignedIn if _is_over(auth.caller_token()) else NotFound
    return _polled(polled((), asked.cursor or 0))


def _is_over(token: str) -> bool:
    identity = service().identities.find(token)
    return identity is None or identity.ended


def _wait(asked: Asked, grant: Grant, cursor: int, wait: int) -> Response:
    hub, resume = service().hub, _resume(asked)

    def start(subscriber: Subscriber) -> None:
        subscriber.cursor = cursor
        resume(subscriber=subscriber).run(grant, cursor)
        if not subscriber.closed:
            hub.subscribers.expire_at(monotonic() + wait, subscriber)

    return Takeover(_make(asked, polls=True), start, service().epoll, polls=True)


def _make(asked: Asked, *, polls: bool) -> SubscriberFactory:
    named = shared([room_channel(room_id) for room_id in asked.wish.rooms])
    user, session = asked.identity.user_id, asked.identity.session_id
    return SubscriberFactory(user, session, polls=polls, follows=asked.wish.follows, named=named, address=request.remote_addr or "")


def _polled(body: bytes) -> Response:
    return Answer(body)
