"""TailProcess rooms from a terminal: everything once, in order, whatever becomes of the connection."""

import os
import signal
from pathlib import Path

import pytest

from chat.terminal.client import Client, path
from chat.terminal.subscription import ConnectionState, Subscription
from tests.harness.deadline import eventually
from tests.harness.fault_relay import Fault, FaultRelay
from tests.harness.people import Person
from tests.harness.server import Server
from tests.harness.shell import Shell, TailProcess


def wait_until_printed(tail: TailProcess, person: Person, room: str, text: str = "are you there") -> None:
    """Posts until the tail prints a message, because nothing tells when a tail has begun."""
    posted: list[str] = []

    def printed() -> bool:
        posted.append(f"{text} {len(posted)}")
        person.post(room, posted[-1])
        return any(text in line for line in list(tail.out))

    eventually(printed, 20)
    tail.wait_for(posted[-1])


def is_exact(tail: TailProcess, person: Person, room: str) -> bool:
    """Whether the tail has every message since its first one, once and in order."""
    history = person.history(room, limit=500)
    return tail.texts == history[history.index(tail.texts[0]) :]


def test_a_tail_ends_well_with_ctrl_c(shell: Shell, room: str, alice: Person) -> None:
    with shell.tail(room) as tail:
        wait_until_printed(tail, alice, room)
        tail.interrupt()
        assert tail.exit_code() == 0
        assert tail.err == []


def test_edits_deletions_and_replies_are_printed(shell: Shell, room: str, alice: Person) -> None:
    message = alice.post(room, "helo")["id"]
    with shell.tail(room, "--since", message) as tail:
        wait_until_printed(tail, alice, room)
        alice.http.patch(f"/message/{message}", json={"text": "hello"})
        alice.http.post(f"/room/{room}/messages", json={"text": "indeed", "reply_to": message})
        alice.http.put(f"/message/{message}/reactions/🎉")
        alice.http.delete(f"/message/{message}")
        tail.wait_for(f"deleted message {message}")
        printed = [line.rstrip("\n").partition(alice.name)[2] for line in tail.out][-5:]
    assert printed == [
        f" edited message {message}: hello",
        f": > {alice.name}: hello",
        "",
        " reacted with 🎉",
        f" deleted message {message}",
    ]
    assert "(deleted)" in shell.run("history", room).out


def test_since_tells_first_what_came_before(shell: Shell, room: str, alice: Person) -> None:
    first, second = alice.post(room, "first")["id"], alice.post(room, "second")["id"]
    with shell.tail(room, "--since", first, "--json") as tail:
        eventually(lambda: [event["id"] for event in tail.events] == [second])
        alice.post(room, "third")
        tail.wait_for("third")
        assert tail.texts == ["second", "third"]


def test_several_rooms_come_over_one_connection_and_nothing_else(server: Server, shell: Shell, alice: Person, bob: Person) -> None:
    rooms = [alice.create_room()["name"] for _ in range(3)]
    assert bob.http.post(f"/room/{rooms[2]}/members").status_code == 204
    with FaultRelay(server.port) as relay, shell.tail(rooms[0], rooms[1], "--url", relay.url) as tail:
        wait_until_printed(tail, alice, rooms[0])
        alice.post(rooms[2], "elsewhere")
        alice.post(rooms[1], "in the second")
        tail.wait_for("in the second")
        assert relay.streams == 1
        assert not any("elsewhere" in line for line in tail.out)
        assert rooms[1] in tail.out[-1], "of several rooms each line says which"


def test_without_a_room_one_follows_all_that_is_ones_own(shell: Shell, alice: Person, bob: Person) -> None:
    mine = bob.create_room()["name"]
    with shell.tail() as tail:
        wait_until_printed(tail, alice, mine)
        alice.write_to(bob.name, "a word with you")
        tail.wait_for("a word with you")


def test_a_tail_whose_connections_are_cut_misses_and_repeats_nothing(server: Server, shell: Shell, room: str, alice: Person) -> None:
    with FaultRelay(server.port) as relay, shell.tail(room, "--json", "--url", relay.url) as tail:
        wait_until_printed(tail, alice, room)
        for number in range(3):
            relay.cut()
            alice.post(room, f"cut {number}")
            tail.wait_for(f"cut {number}")
        assert relay.streams >= 4
        assert is_exact(tail, alice, room)


def test_a_tail_lives_through_the_loss_of_all_workers(fresh_server: Server, tmp_path: Path) -> None:
    with Person.signed_in(fresh_server, "alice") as alice:
        room = alice.create_room()["name"]
        with Shell.of(alice, tmp_path).tail(room, "--json") as tail:
            wait_until_printed(tail, alice, room)
            killed = fresh_server.worker_pids()
            for pid in killed:
                os.kill(pid, signal.SIGKILL)
            eventually(lambda: not set(killed) & set(fresh_server.worker_pids()))
            fresh_server.wait_until_whole()
            alice.http.post(f"/room/{room}/messages", json={"text": "after the fall"})
            tail.wait_for("after the fall")
            assert is_exact(tail, alice, room)


@pytest.mark.parametrize("fault", [Fault.STREAMS, Fault.BODIES])
def test_where_streams_are_swallowed_a_tail_polls_and_says_so(server: Server, shell: Shell, room: str, alice: Person, fault: Fault) -> None:
    with FaultRelay(server.port, fault) as relay, shell.tail(room, "--json", "--url", relay.url) as tail:
        eventually(lambda: relay.streams)
        alice.post(room, "while the stream is mute")
        tail.wait_for("while the stream is mute")
        tail.wait_for_remark("falling back to the long poll")
        alice.post(room, "by poll")
        tail.wait_for("by poll")
        assert tail.texts == ["while the stream is mute", "by poll"]
        assert relay.streams == 1


def test_the_control_a_stream_that_is_not_mute_is_kept(server: Server, shell: Shell, room: str, alice: Person) -> None:
    """For longer than the wait for a mute stream: heartbeats make the difference."""
    with FaultRelay(server.port) as relay, shell.tail(room, "--url", relay.url) as tail:
        wait_until_printed(tail, alice, room)
        with alice.stream_room(room) as stream:
            for _ in range(4):
                stream.until(lambda frame: frame.event == "heartbeat")
        wait_until_printed(tail, alice, room, "still there")
        assert relay.streams == 1
        assert tail.err == []


def test_a_stream_is_tried_again_later(server: Server, bob: Person, room: str, alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.terminal.subscription.POLLING_SECONDS", (0.1, 0.1))
    states: list[ConnectionState] = []
    with FaultRelay(server.port, Fault.STREAMS) as relay:
        client = Client(relay.url, {"Authorization": f"Bearer {bob.token}"})
        subscription = Subscription(client, path("room", room, "subscribe"), lambda state, _: states.append(state), heartbeat=0.4)
        subscription.begin()
        events = subscription.events()
        alice.post(room, "by poll")
        assert next(events)["text"] == "by poll"
        assert states == [ConnectionState.POLLING]
        relay.fault = Fault.NONE
        alice.post(room, "by either")
        assert next(events)["text"] == "by either"
        while states[-1] is not ConnectionState.LIVE:
            alice.post(room, "again")
            assert next(events)["text"] == "again"
        client.close()


def test_a_closed_room_ends_a_tail_well(shell: Shell, alice: Person) -> None:
    room = alice.create_room()["name"]
    with shell.tail(room) as tail:
        wait_until_printed(tail, alice, room)
        assert alice.http.delete(f"/room/{room}").status_code == 204
        assert tail.exit_code() == 0
        assert "the room is closed" in tail.out[-1]


def test_a_session_that_is_ended_ends_its_tail(shell: Shell, room: str, alice: Person, bob: Person) -> None:
    with shell.tail(room) as tail:
        wait_until_printed(tail, alice, room)
        bob.sign_out()
        assert tail.exit_code() == 3
        assert "signin" in tail.err[-1]


def test_a_cursor_beyond_a_restored_backup_is_reported(shell: Shell, room: str, alice: Person) -> None:
    with shell.tail(room, "--since", 10**12) as tail:
        tail.wait_for_remark("set back")
        wait_until_printed(tail, alice, room)
