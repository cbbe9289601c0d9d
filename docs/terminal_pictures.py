"""Takes the pictures of the command line in docs/pictures: a real service, real commands on pseudo-terminals, drawn as SVG."""

import io
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyte
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from tests.harness import backends, once
from tests.harness.databases import Databases
from tests.harness.people import PASSWORD, Person
from tests.harness.screens import Screen
from tests.harness.server import Server
from tests.harness.shells import Shell

PICTURES = Path(__file__).parent / "pictures"
FORMAT = re.sub(r"@font-face \{\{.*?\n    \}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)  # nothing is loaded from elsewhere
NAMES = ("ada", "grace", "linus", "barbara", "edsger")
COLUMNS, ROWS = 96, 20
TALK = (
    ("grace", "the deploy is through, all 9,412 streams came back by themselves"),
    ("linus", "nobody noticed?"),
    ("barbara", "I was on a train, in a tunnel. It said “reconnecting”, and then everything was there."),
    ("edsger", "And nothing was there twice: I counted."),
)
LAST = "release 4.2 it is, then"


@contextmanager
def service() -> Iterator[Server]:
    with backends.postgres_url() as postgres, backends.own_valkey() as valkey:
        databases = Databases(postgres)
        with Server(databases.clone(), valkey.url) as server:
            yield server
        databases.close()


def sign_up(server: Server, name: str) -> Person:
    http = once.client(server.url)
    answer = http.post("/api/v1/users", json={"name": name, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    http.cookies.clear()
    return Person.with_token(http, answer.json()["user"], answer.json()["token"])


def people(server: Server) -> dict[str, Person]:
    found = {name: sign_up(server, name) for name in NAMES}
    for room in ({"name": "lobby", "topic": "everybody, about everything"}, {"name": "release 4.2", "topic": "freeze on Thursday"}):
        found["ada"].http.post("/api/v1/rooms", json=room)
        for person in found.values():
            person.http.post(f"/api/v1/room/{room['name']}/members")
    return found


def talk(found: dict[str, Person]) -> None:
    for name, text in TALK:
        found[name].post("lobby", text)


def take_open(shell: Shell, found: dict[str, Person]) -> None:
    with ExitStack() as present, shell.screen("open", "lobby", columns=COLUMNS, rows=ROWS) as screen:
        for name in NAMES[1:]:
            present.enter_context(found[name].stream("/api/v1/room/lobby/subscribe")).next_frame()
        screen.shows("ada>")
        talk(found)
        screen.shows(f"here: {len(NAMES)}")
        screen.types("thank you, all of you")
        screen.press("enter")
        screen.shows("ada: thank you")
        screen.types("@gr")
        screen.press("tab")
        screen.shows("@grace")
        screen.types("you go home now")
        screen.shows("you go home now")
        draw(screen, "open", "chat open lobby")


def take_tail(shell: Shell, found: dict[str, Person]) -> None:
    begun = found["ada"].poll("/api/v1/subscribe")["cursor"]
    with shell.screen("tail", "lobby", "release 4.2", "--since", begun, columns=COLUMNS, rows=9) as screen:
        talk(found)
        found["grace"].http.post("/api/v1/room/release 4.2/files", files={"file": ("notes.pdf", bytes(81_200))}, data={"text": "the notes"})
        found["ada"].post("release 4.2", LAST)
        screen.shows(LAST)
        draw(screen, "tail", "chat tail lobby 'release 4.2'")


def draw(screen: Screen, name: str, title: str) -> None:
    lines = screen.lines
    console = Console(record=True, width=screen.emulated.columns, file=io.StringIO(), force_terminal=True, color_system="256")
    for number in range(len(lines)):
        console.print(line(screen.emulated.buffer[number], screen.emulated.columns), soft_wrap=True)
    path = PICTURES / f"terminal-{name}.svg"
    console.save_svg(str(path), title=title, code_format=FORMAT, unique_id=f"chat-{name}")
    sys.stdout.write(f"docs/pictures/{path.name}\n")


def line(row: "pyte.screens.StaticDefaultDict[int, pyte.screens.Char]", columns: int) -> Text:
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
    """An emulated terminal's name for it, as rich has it."""
    if name == "default":
        return ""
    if re.fullmatch("[0-9a-f]{6}", name):
        return f"#{name}"
    return name.replace("brown", "yellow").replace("bright", "bright_")


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with service() as server, tempfile.TemporaryDirectory() as home:
        found = people(server)
        shell = Shell.of(found["ada"], Path(home))
        take_open(shell, found)
        take_tail(shell, found)


if __name__ == "__main__":
    main()
