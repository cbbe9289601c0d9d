"""Takes the screenshots of the command line in docs/pictures: a real service, and real commands on pseudo-terminals, drawn as SVG."""

import io
import re
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pyte
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from docs.admin_pictures import PICTURES, service, sign_up
from tests.harness.people import Person
from tests.harness.server import Server
from tests.harness.shell import Shell
from tests.harness.terminal_screen import Screen

FORMAT = re.sub(r"@font-face \{\{.*?\n    \}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)  # without rich's web fonts: the SVG loads nothing
NAMES = ("ada", "grace", "linus", "barbara", "edsger")
COLUMNS, ROWS = 96, 20
MESSAGES = (
    ("grace", "the deploy is through, all 9,412 streams came back by themselves"),
    ("linus", "nobody noticed?"),
    ("barbara", "I was on a train, in a tunnel. It said “reconnecting”, and then everything was there."),
    ("edsger", "And nothing was there twice: I counted."),
)
LAST_MESSAGE = "release 4.2 it is, then"


def create_users_and_rooms(server: Server) -> dict[str, Person]:
    people = {name: sign_up(server, name) for name in NAMES}
    for room in ({"name": "lobby", "topic": "everybody, about everything"}, {"name": "release 4.2", "topic": "freeze on Thursday"}):
        people["ada"].http.post("/api/v1/rooms", json=room)
        for person in people.values():
            person.http.post(f"/api/v1/room/{room['name']}/members")
    return people


def post_messages(people: dict[str, Person]) -> None:
    for name, text in MESSAGES:
        people[name].post("lobby", text)


def take_open_screenshot(shell: Shell, people: dict[str, Person]) -> None:
    with ExitStack() as streams, shell.screen("open", "lobby", columns=COLUMNS, rows=ROWS) as screen:
        for name in NAMES[1:]:
            streams.enter_context(people[name].stream("/api/v1/room/lobby/subscribe")).next_frame()
        screen.wait_for("ada>")
        post_messages(people)
        screen.wait_for(f"here: {len(NAMES)}")
        screen.type_text("thank you, all of you")
        screen.press("enter")
        screen.wait_for("ada: thank you")
        screen.type_text("@gr")
        screen.press("tab")
        screen.wait_for("@grace")
        screen.type_text("you go home now")
        screen.wait_for("you go home now")
        save_svg(screen, "open", "chat open lobby")


def take_tail_screenshot(shell: Shell, people: dict[str, Person]) -> None:
    cursor = people["ada"].poll("/api/v1/subscribe")["cursor"]
    with shell.screen("tail", "lobby", "release 4.2", "--since", cursor, columns=COLUMNS, rows=9) as screen:
        post_messages(people)
        people["grace"].http.post(
            "/api/v1/room/release 4.2/files", files={"file": ("notes.pdf", bytes(81_200))}, data={"text": "the notes"}
        )
        people["ada"].post("release 4.2", LAST_MESSAGE)
        screen.wait_for(LAST_MESSAGE)
        save_svg(screen, "tail", "chat tail lobby 'release 4.2'")


def save_svg(screen: Screen, name: str, title: str) -> None:
    console = Console(record=True, width=screen.emulated.columns, file=io.StringIO(), force_terminal=True, color_system="256")
    for number in range(len(screen.lines)):
        console.print(styled_line(screen.emulated.buffer[number], screen.emulated.columns), soft_wrap=True)
    path = PICTURES / f"terminal-{name}.svg"
    console.save_svg(str(path), title=title, code_format=FORMAT, unique_id=f"chat-{name}")
    sys.stdout.write(f"docs/pictures/{path.name}\n")


def styled_line(row: "pyte.screens.StaticDefaultDict[int, pyte.screens.Char]", columns: int) -> Text:
    text = Text()
    for column in range(columns):
        text.append(row[column].data, style(row[column]))
    return text


def style(character: "pyte.screens.Char") -> str:
    words: Sequence[str] = (
        "bold" if character.bold else "",
        "reverse" if character.reverse else "",
        "underline" if character.underscore else "",
        colour(character.fg),
        f"on {colour(character.bg)}" if colour(character.bg) else "",
    )
    return " ".join(filter(None, words))


def colour(name: str) -> str:
    """Returns rich's name for a colour of pyte; an empty string for the default colour."""
    if name == "default":
        return ""
    if re.fullmatch("[0-9a-f]{6}", name):
        return f"#{name}"
    return name.replace("brown", "yellow").replace("bright", "bright_")


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with service() as server, tempfile.TemporaryDirectory() as home:
        people = create_users_and_rooms(server)
        shell = Shell.of(people["ada"], Path(home))
        take_open_screenshot(shell, people)
        take_tail_screenshot(shell, people)


if __name__ == "__main__":
    main()
