"""The operator's actions. Each writes its entry in the audit log, in its own transaction if it has one. `actor` names the operator."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Engine

from chat.domain.refusals import NoSuchRoom, NoSuchUser
from chat.domain.shapes.answers import User
from chat.services import administration, audit_log, users
from chat.services.administration import NamedRoom, RoomSummary, UserSummary
from chat.services.audit_log import AdminAction, Entry
from chat.usecases.presence import Presence
from chat.usecases.publisher import Publisher
from chat.usecases.worker_calls import Reply, WorkerCalls

ANNOUNCED_ROOMS = 500  # in one transaction, which holds the counter that every post waits for
STREAMS, STOP = "streams", "stop"  # the names of worker calls


@dataclass(frozen=True, slots=True)
class StreamLine:
    """An open stream or long poll. age in seconds, backlog in bytes; rooms are ids, the first of very many."""

    worker: str
    pid: int
    user_id: int
    user: str
    transport: str  # "sse" or "long-poll"
    rooms: list[int]
    inbox: bool
    follows: bool  # all of the user's rooms and conversations
    age: float
    backlog: int
    address: str


@dataclass(frozen=True, slots=True)
class WorkerLine:
    """A worker that answered, and the number of its streams. The list may show only those that are open longest."""

    worker: str
    pid: int
    host: str
    streams: int


@dataclass(frozen=True, slots=True)
class Streams:
    """whole: every worker that is known to be alive has answered in time."""

    workers: list[WorkerLine]
    streams: list[StreamLine]
    whole: bool


class Administration:
    """`engine` is for transactions, `reads` for what needs none."""

    def __init__(self, engine: Engine, reads: Engine, publisher: Publisher, presence: Presence, worker_calls: WorkerCalls) -> None:
        self._engine = engine
        self._reads = reads
        self._publisher = publisher
        self._presence = presence
        self._worker_calls = worker_calls
        worker_calls.register(STOP, lambda _: False)  # until `on_stop` sets it

    def rooms(self, name: str = "", above: int = 0, most: int = 50) -> list[RoomSummary]:
        """Living rooms whose name contains this, except conversations, in id order."""
        rooms = administration.rooms(self._reads, name, above, most)
        connections = self._presence.counts([room.id for room in rooms])
        return [replace(room, connections=connections[room.id]) for room in rooms]

    def room(self, reference: str) -> NamedRoom:
        """A living room's id and name. Raises NoSuchRoom."""
        room = administration.find_rooms(self._reads, [reference]).get(reference)
        if room is None:
            raise NoSuchRoom(reference)
        return room

    def make_room(self, actor: str, name: str) -> int:
        """Creates an open room without an owner, and returns its id. Raises NameTaken."""
        return administration.make_room(self._engine, name, AdminAction(actor, "room made", name))

    def close_room(self, actor: str, reference: str) -> None:
        """Raises NoSuchRoom."""
        room = self.room(reference)
        action = AdminAction(actor, "room closed", room.name, {"id": room.id})
        if not self._publisher.announce(administration.close_room(self._engine, room.id, action)):
            raise NoSuchRoom(reference)

    def announce(self, actor: str, text: str, references: Sequence[str] | None) -> int:
        """Posts an announcement to these rooms, or to all living ones. Returns the number of rooms.

        Raises NoSuchRoom before anything is posted."""
        rooms = None if references is None else self._named(references)
        room_ids = administration.living_rooms(self._reads) if rooms is None else list(rooms)
        subject = "all rooms" if rooms is None else ", ".join(rooms.values())
        action: AdminAction | None = AdminAction(actor, "announced", subject, {"text": text, "rooms": len(room_ids)})
        reached = 0
        for begin in range(0, max(1, len(room_ids)), ANNOUNCED_ROOMS):
            span = administration.announce(self._engine, room_ids[begin : begin + ANNOUNCED_ROOMS], text, action)
            self._publisher.announce_all(span)
            reached, action = reached + span.count, None
        return reached

    def users(self, name: str = "", above: int = 0, most: int = 50) -> list[UserSummary]:
        """Users whose name contains this, in id order."""
        return administration.users(self._reads, name, above, most)

    def ban(self, actor: str, reference: str) -> bool:
        """Ends all sessions of the user, who cannot sign in again. False if the user was banned already. Raises NoSuchUser."""
        user = self._user(reference)
        span = administration.ban(self._engine, user.id, AdminAction(actor, "user banned", user.name, {"id": user.id}))
        if span is None:
            return False
        self._publisher.announce_all(span)
        return True

    def unban(self, actor: str, reference: str) -> bool:
        """False if the user was not banned. Raises NoSuchUser."""
        user = self._user(reference)
        return administration.unban(self._engine, user.id, AdminAction(actor, "user unbanned", user.name, {"id": user.id}))

    def end_sessions(self, actor: str, reference: str) -> int:
        """Returns the number of sessions. Raises NoSuchUser."""
        user = self._user(reference)
        span = administration.end_sessions(self._engine, user.id, AdminAction(actor, "sessions ended", user.name, {"id": user.id}))
        self._publisher.announce_all(span)
        return span.count

    def streams(self, most: int = 500) -> Streams:
        """The streams of all workers, at most `most` of each."""
        gathered = self._worker_calls.call(STREAMS, most)
        user_ids = {line["user_id"] for reply in gathered.replies for line in reply.answer["lines"]}
        names = users.names_of(self._reads, user_ids)
        workers = [WorkerLine(reply.worker, reply.pid, reply.host, reply.answer["streams"]) for reply in gathered.replies]
        return Streams(workers, [line for reply in gathered.replies for line in _lines(reply, names)], gathered.whole)

    def stop(self, actor: str) -> int:
        """Drains and stops the whole service. Returns the number of workers that stop."""
        audit_log.record(self._engine, AdminAction(actor, "service stopped"))
        return len([reply for reply in self._worker_calls.call(STOP).replies if reply.answer])

    def on_stop(self, stop: Callable[[], None]) -> None:
        """Sets how this worker's server stops when an operator stops the service."""

        def stop_worker(_: None) -> bool:
            stop()
            return True

        self._worker_calls.register(STOP, stop_worker)

    def audit_log(self, before: int | None = None, most: int = 50) -> list[Entry]:
        """Entries below an id, the newest first."""
        return audit_log.entries(self._reads, before, most)

    def _named(self, references: Sequence[str]) -> dict[int, str]:
        """The rooms' names by their ids, each once. Raises NoSuchRoom."""
        rooms = administration.find_rooms(self._reads, references)
        for reference in references:
            if reference not in rooms:
                raise NoSuchRoom(reference)
        return {room.id: room.name for room in rooms.values()}

    def _user(self, reference: str) -> User:
        user = users.find(self._reads, reference)
        if user is None:
            raise NoSuchUser(reference)
        return user


def _lines(reply: Reply, names: dict[int, str]) -> Iterator[StreamLine]:
    for line in reply.answer["lines"]:
        yield StreamLine(worker=reply.worker, pid=reply.pid, user=names.get(line["user_id"], ""), **line)
