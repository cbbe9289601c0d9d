"""A room on the whole screen, as a person at a terminal sees and uses it."""

from collections.abc import Callable, Iterator

import pytest

from chat.terminal.rendering import colour_of
from tests.harness.deadline import eventually
from tests.harness.fault_relay import Fault, FaultRelay
from tests.harness.people import Person
from tests.harness.server import Server
from tests.harness.shell import Shell
from tests.harness.terminal_screen import Screen

Open = Callable[..., Screen]
GOES_SECONDS = 20.0  # less than the 30 s that an answer is waited for
ALTERNATE, NORMAL = b"\x1b[?1049h", b"\x1b[?1049l"


@pytest.fixture
def screen(shell: Shell, bob: Person, room: str) -> Iterator[Screen]:
    """Bob's, in the room."""
    with shell.screen("open", room, columns=100) as opened:
        opened.wait_for(f"{bob.name}>")
        yield opened


def test_without_a_terminal_there_is_no_live_room(shell: Shell, room: str) -> None:
    assert "chat tail" in shell.error(2, "open", room)


def test_a_room_that_is_not_there_leaves_the_screen_alone(shell: Shell) -> None:
    with shell.screen("open", "no such room") as screen:
        assert screen.exit_code() == 4
        assert ALTERNATE not in screen.raw
        assert "`chat rooms` lists" in screen.text


def test_what_others_say_appears_and_what_one_says_too(screen: Screen, room: str, alice: Person, bob: Person) -> None:
    alice.post(room, "good evening")
    screen.wait_for(f"{alice.name}: good evening")
    screen.type_text("and to you")
    screen.press("enter")
    screen.wait_for(f"{bob.name}: and to you")
    assert alice.history(room) == ["good evening", "and to you"]
    assert screen.text.count("and to you") == 1


def test_names_have_their_colours(screen: Screen, room: str, alice: Person) -> None:
    alice.post(room, "good evening")
    screen.wait_for("good evening")
    assert screen.colour_at(f"{alice.name}: good") == colour_of(alice.name).replace("yellow", "brown")


def test_earlier_messages_are_shown_and_older_ones_are_fetched_by_page_up(shell: Shell, room: str, alice: Person, bob: Person) -> None:
    for number in range(110):
        alice.post(room, f"message {number} of many")
    with shell.screen("open", room) as screen:
        screen.wait_for("message 109 of many")

        def goes_up() -> bool:
            screen.press("pageup")
            return "message 0 of many" in screen.text

        eventually(goes_up, 20)
        alice.post(room, "newer")
        screen.wait_for("lines below: End goes there")
        assert "newer" not in screen.text, "who reads further up is left in peace"
        screen.press("end")
        screen.wait_for("newer")


def test_a_typing_person_is_shown_until_the_message_comes(screen: Screen, room: str, alice: Person) -> None:
    assert alice.http.post(f"/room/{room}/typing").status_code == 204
    screen.wait_for(f"{alice.name} is typing")
    alice.post(room, "that was it")
    screen.wait_for(f"{alice.name}: that was it")
    eventually(lambda: "is typing" not in screen.text)


def test_the_wheel_scrolls(shell: Shell, room: str, alice: Person) -> None:
    for number in range(40):
        alice.post(room, f"message {number} of many")
    with shell.screen("open", room) as screen:
        screen.wait_for("message 39 of many")
        screen.type_text("\x1b[<64;10;10M")  # the wheel, upwards, as xterm says it
        screen.wait_for("3 lines below")
        screen.type_text("\x1b[<65;10;10M")
        screen.wait_until_gone("lines below")


def test_who_comes_and_goes_is_shown(screen: Screen, room: str, alice: Person, bob: Person) -> None:
    screen.wait_for("here: 1")
    with alice.stream_room(room) as stream:
        stream.next_frame()
        eventually(lambda: alice.http.get(f"/room/{room}").json()["connections"] == 2)
        with Person.sign_up(str(alice.http.base_url), "carol") as carol:
            carol.http.post(f"/room/{room}/members")  # an event, at which the list is made anew
            screen.wait_for("here: 2")
            screen.wait_for(f"{carol.name} joined")
            screen.type_text("/who")
            screen.press("enter")
            here = next(line for line in screen.wait_for("  here: ").splitlines() if "  here: " in line)
            assert alice.name in here and bob.name in here


def test_a_name_is_completed_after_an_at_sign(screen: Screen, room: str, alice: Person) -> None:
    alice.post(room, "whom do you mean?")
    screen.wait_for("whom do you mean?")
    screen.type_text(f"you, @{alice.name[:-1].upper()}")
    screen.press("tab")
    screen.wait_for(f"you, @{alice.name}")


def test_help_says_what_there_is(screen: Screen) -> None:
    screen.type_text("/nonsense")
    screen.press("enter")
    screen.wait_for("/nonsense is not known here")
    for command in ("/help", "/who", "/leave", "/quit"):
        screen.wait_for(f"  {command}")


@pytest.mark.parametrize("key", ["ctrl-c", "ctrl-d"])
def test_leaving_gives_the_terminal_back_as_it_was(screen: Screen, bob: Person, room: str, key: str) -> None:
    screen.press(key)
    assert screen.exit_code() == 0
    assert screen.raw.count(ALTERNATE) == screen.raw.count(NORMAL) == 1
    assert b"Traceback" not in screen.raw
    assert b"\x1b[?1000l" in screen.raw, "the mouse is the terminal's own again"


def test_quitting_keeps_one_a_member_and_leaving_does_not(shell: Shell, screen: Screen, room: str, alice: Person, bob: Person) -> None:
    def members() -> set[str]:
        return {member["user"]["name"] for member in alice.http.get(f"/room/{room}/members").json()}

    screen.type_text("/quit")
    screen.press("enter")
    assert screen.exit_code() == 0
    assert members() == {alice.name, bob.name}
    with shell.screen("open", room) as again:
        again.wait_for(f"{bob.name}>")
        again.type_text("/leave")
        again.press("enter")
        assert again.exit_code() == 0
    assert members() == {alice.name}


def test_a_lost_connection_is_reported_and_nothing_is_missed(server: Server, shell: Shell, room: str, alice: Person, bob: Person) -> None:
    with FaultRelay(server.port) as relay, shell.screen("open", room, "--url", relay.url) as screen:
        screen.wait_for(f"{bob.name}>")
        alice.post(room, "before")
        screen.wait_for("before")
        relay.fault = Fault.STREAMS
        relay.cut()
        alice.post(room, "meanwhile")
        screen.wait_for("falling back to the long poll")
        assert screen.wait_for("meanwhile").count("meanwhile") == 1
        screen.type_text("still heard")
        screen.press("enter")
        screen.wait_for(f"{bob.name}: still heard")


def test_nobody_who_goes_waits_for_the_network(server: Server, shell: Shell, room: str, bob: Person) -> None:
    with FaultRelay(server.port) as relay, shell.screen("open", room, "--url", relay.url) as screen:
        screen.wait_for(f"{bob.name}>")
        relay.fault = Fault.EVERYTHING
        relay.cut()
        screen.type_text("is anybody there?")
        screen.press("enter")
        eventually(lambda: relay.lost_posts)
        screen.press("ctrl-c")
        assert screen.exit_code(within=GOES_SECONDS) == 0


def test_what_could_not_be_sent_is_in_the_prompt_again(screen: Screen, room: str, alice: Person, bob: Person) -> None:
    screen.type_text("x" * 20_000 + "the end")
    screen.press("enter")
    screen.wait_for("not sent: text")
    screen.wait_for("the end")
    assert alice.history(room) == []


def test_a_closed_room_says_so_and_waits(screen: Screen, room: str, alice: Person) -> None:
    assert alice.http.delete(f"/room/{room}").status_code == 204
    screen.wait_for("· the room is closed")
    screen.wait_for("Ctrl-C quits")
    screen.press("ctrl-c")
    assert screen.exit_code() == 0


def test_a_session_that_ends_ends_it(screen: Screen, bob: Person) -> None:
    bob.sign_out()
    assert screen.exit_code() == 3
    assert NORMAL in screen.raw


def test_a_narrower_screen_wraps_and_drops_the_list(screen: Screen, room: str, alice: Person) -> None:
    alice.post(room, "as long as it is wide " * 4)
    screen.wait_for("│ here:")
    screen.resize(50, 15)
    screen.wait_until_gone("│ here:")
    text = " ".join(line.strip() for line in screen.wait_for("as long").splitlines())
    assert text.count("as long as it is wide") == 4
