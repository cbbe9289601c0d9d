"""A room against a small model: for any actions in any order, on two workers, the service agrees with the model."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from tests.harness.deadline import Deadline
from tests.harness.people import Person, unique
from tests.harness.server import Server
from tests.harness.streams import EventStream, StreamEnded
from tests.harness.tables import execute

KINDS: dict[str, dict[str, object]] = {
    "open": {},
    "closed": {"kind": "closed"},
    "bounded": {"max_members": 2},
    "ephemeral": {"expires_in": 1},
    "closed ephemeral": {"kind": "closed", "expires_in": 1},
}
STEPS = 40
LIVES = 15
YOUTH = 20  # steps before a room may end: what comes after is the same answer again and again
READ_SECONDS = 15.0


@dataclass(eq=False)
class Room:
    """The model of a room. messages: ids in order. since: the newest message when each member joined."""

    id: int
    owner: int
    closed: bool
    ephemeral: bool
    bound: int | None
    key: str
    members: dict[int, int] = field(default_factory=dict)
    banned: set[int] = field(default_factory=set)
    messages: list[int] = field(default_factory=list)
    over: bool = False

    def refusal(self, person: int, *, joining: bool = False) -> int | None:
        """The status for a person who may not read the room, or None for a reader."""
        if person in self.banned or (self.closed and person not in self.members and not joining):
            return 404
        if self.over:
            return 404 if joining and self.closed and person not in self.members else 410
        return 403 if self.ephemeral and person not in self.members and not joining else None

    def since(self, person: int) -> int:
        return self.members[person] if self.ephemeral else 0

    def last(self) -> int:
        return self.messages[-1] if self.messages else 0


@dataclass(eq=False)
class Listener:
    """An open stream, the expected events, and the received ones."""

    stream: EventStream
    expected: list[int]
    seen: list[int] = field(default_factory=list)

    def read(self) -> None:
        """Reads the expected events, which must come exactly and in order."""
        deadline = Deadline(READ_SECONDS)
        while len(self.seen) < len(self.expected):
            self._take(self.stream.next_frame(deadline.remaining()))
        assert self.seen == self.expected

    def read_to_the_end(self) -> None:
        """The service must close it after the expected events."""
        with suppress(StreamEnded, ConnectionResetError):
            deadline = Deadline(READ_SECONDS)
            while True:
                self._take(self.stream.next_frame(deadline.remaining()))
        assert self.seen == self.expected
        self.stream.close()

    def _take(self, frame: Any) -> None:
        if frame.is_message:
            self.seen.append(frame.json()["id"])


class RoomLife(RuleBasedStateMachine):
    """Each rule is an action. It asserts the service's response, and the streams are compared with the model."""

    rooms = Bundle("rooms")
    who = st.integers(0, 2)

    def __init__(self, server: Server, people: list[Person]) -> None:
        super().__init__()
        self.server = server
        self.people = people
        self.listeners: dict[tuple[Room, int], Listener] = {}
        self.cursors: dict[tuple[Room, int], int] = {}
        self.made: list[Room] = []
        self.steps = 0

    @invariant()
    def somebody_reads(self) -> None:
        """After each step one person's history must equal the model's."""
        self.steps += 1
        for room in self.made:
            self._read(room, self.steps % len(self.people))

    @initialize(target=rooms, owner=who, kind=st.sampled_from(sorted(KINDS)))
    def create(self, owner: int, kind: str) -> Room:
        made = self.people[owner].create_room(unique("life"), **KINDS[kind])
        room = Room(
            made["id"], owner, made["kind"] == "closed", made["expires"] is not None, made["max_members"], made.get("invite_key", "")
        )
        room.members[owner] = 0
        self.made.append(room)
        return room

    @rule(room=rooms, person=who, with_key=st.sampled_from([True, True, True, False]))
    def join(self, room: Room, person: int, with_key: bool) -> None:
        expected = self._joining(room, person, with_key)
        key = room.key if with_key else ""
        assert self._call(person, "POST", f"/room/{room.id}/members", json={"invite_key": key}) == expected
        if expected == 204 and person not in room.members:
            room.members[person] = room.last()

    def _joining(self, room: Room, person: int, with_key: bool) -> int:
        refusal = room.refusal(person, joining=True)
        if refusal is not None:
            return refusal
        if person in room.members:
            return 204
        if room.closed and not with_key and person != room.owner:
            return 404
        return 409 if room.bound is not None and len(room.members) >= room.bound else 204

    @rule(room=rooms, person=who)
    def leave(self, room: Room, person: int) -> None:
        refusal = room.refusal(person)
        outside = 404 if person not in room.members else 204
        assert self._call(person, "DELETE", f"/room/{room.id}/members/me") == (outside if refusal in (None, 403) else refusal)
        if refusal is None and person in room.members:
            self._out(room, person, hidden=room.closed or room.ephemeral)

    @rule(room=rooms, person=who)
    def remove(self, room: Room, person: int) -> None:
        refusal = room.refusal(room.owner)
        if refusal not in (None, 403):
            assert self._call(room.owner, "DELETE", f"/room/{room.id}/members/{self.people[person].id}") == refusal
            return
        expected = 204 if person in room.members else 404
        assert self._call(room.owner, "DELETE", f"/room/{room.id}/members/{self.people[person].id}") == expected
        if person in room.members:
            self._out(room, person, hidden=room.closed or room.ephemeral)

    @rule(room=rooms, person=who)
    def ban(self, room: Room, person: int) -> None:
        refusal = room.refusal(room.owner)
        if person == room.owner or refusal not in (None, 403):
            return
        assert self._call(room.owner, "PUT", f"/room/{room.id}/bans/{self.people[person].id}") == 204
        if person not in room.banned:
            self._out(room, person, hidden=True)
            room.banned.add(person)

    @rule(room=rooms, person=who)
    def forgive(self, room: Room, person: int) -> None:
        if room.refusal(room.owner) not in (None, 403):
            return
        expected = 204 if person in room.banned else 404
        assert self._call(room.owner, "DELETE", f"/room/{room.id}/bans/{self.people[person].id}") == expected
        room.banned.discard(person)

    @rule(room=rooms, person=who)
    def post(self, room: Room, person: int) -> None:
        answer = self.people[person].http.post(f"/room/{room.id}/messages", json={"text": "hello"})
        assert answer.status_code == (room.refusal(person) or 201)
        if answer.status_code == 201:
            self._said(room, answer.json()["id"])

    @rule(room=rooms, person=who)
    def listen(self, room: Room, person: int) -> None:
        """Opens a stream from now on, or from the last cursor, and drops an open one."""
        self.drop(room, person, thoroughly=True)
        cursor = self.cursors.get((room, person))
        stream = self.people[person].stream_room(room.id, cursor)
        assert stream.status == (room.refusal(person) or 200)
        if stream.status != 200:
            stream.close()
            return
        above = room.last() if cursor is None else max(cursor, room.since(person) if person in room.members else 0)
        self.listeners[room, person] = Listener(stream, [message for message in room.messages if message > above])
        self.cursors.setdefault((room, person), above)

    @rule(room=rooms, person=who, thoroughly=st.booleans())
    def drop(self, room: Room, person: int, thoroughly: bool) -> None:
        """Closes a stream after all expected events, or earlier: the rest must come on resume."""
        listener = self.listeners.pop((room, person), None)
        if listener is None:
            return
        if thoroughly:
            listener.read()
        listener.stream.close()
        self.cursors[room, person] = listener.seen[-1] if listener.seen else self.cursors[room, person]

    @precondition(lambda self: self.steps > YOUTH)
    @rule(room=rooms, by_the_clock=st.booleans())
    def end(self, room: Room, by_the_clock: bool) -> None:
        if room.over or room.refusal(room.owner) not in (None, 403):
            return
        if by_the_clock and room.ephemeral:
            execute(self.server.database_url, "UPDATE rooms SET expires_at = now() WHERE id = :id", {"id": room.id})
        else:
            assert self._call(room.owner, "DELETE", f"/room/{room.id}") == 204
        room.over = True
        for listening, person in list(self.listeners):
            if listening is room:
                self._cut(room, person)

    def teardown(self) -> None:
        """Posts once more in every living room, so that an earlier repetition or reordering shows now."""
        for room in self.made:
            if room.refusal(room.owner) is None:
                self.post(room, room.owner)
        for listener in self.listeners.values():
            listener.read()
            listener.stream.close()

    def _read(self, room: Room, person: int) -> None:
        answer = self.people[person].http.get(f"/room/{room.id}/messages?limit=500")
        assert answer.status_code == (room.refusal(person) or 200)
        if answer.status_code == 200:
            above = room.since(person) if room.ephemeral else 0
            assert [message["id"] for message in answer.json()["messages"]] == [message for message in room.messages if message > above]

    def _said(self, room: Room, message: int) -> None:
        room.messages.append(message)
        for (listening, _), listener in self.listeners.items():
            if listening is room:
                listener.expected.append(message)

    def _out(self, room: Room, person: int, *, hidden: bool) -> None:
        room.members.pop(person, None)
        if hidden:
            self._cut(room, person)

    def _cut(self, room: Room, person: int) -> None:
        """The service closes the stream of a person who lost the right to read."""
        listener = self.listeners.pop((room, person), None)
        if listener is not None:
            listener.read_to_the_end()
            self.cursors[room, person] = listener.seen[-1] if listener.seen else self.cursors[room, person]

    def _call(self, person: int, method: str, path: str, **more: Any) -> int:
        return self.people[person].http.request(method, path, **more).status_code


@pytest.fixture
def people(server: Server) -> Iterator[list[Person]]:
    """Three people whose requests each use a new connection, so that any worker may answer."""
    three = [Person.signed_in(server, name) for name in ("ada", "ben", "cleo")]
    for person in three:
        person.http.headers["Connection"] = "close"
    yield three
    for person in three:
        person.close()


def test_a_rooms_life_is_as_the_model_says(server: Server, people: list[Person]) -> None:
    bounds = settings(
        max_examples=LIVES,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
        phases=[Phase.explicit, Phase.generate],
    )
    run_state_machine_as_test(lambda: RoomLife(server, people), settings=bounds)  # type: ignore[arg-type]  # a factory serves as well
