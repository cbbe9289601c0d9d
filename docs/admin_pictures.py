"""Takes the pictures of the administration page in docs/pictures: a real service with a small crowd, seen by a real browser."""

import argparse
import math
import random
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.harness import backends, once
from tests.harness.databases import Databases
from tests.harness.listeners import Listener
from tests.harness.operator import Operator
from tests.harness.page import launched
from tests.harness.people import PASSWORD, Person
from tests.harness.server import Server

PICTURES = Path(__file__).parent / "pictures"
NAMES = ("ada", "barbara", "edsger", "frances", "grace", "linus")
ROOMS: tuple[dict[str, Any], ...] = (
    {"name": "lobby"},
    {"name": "platform team", "kind": "closed"},
    {"name": "release 4.2", "topic": "freeze on Thursday"},
    {"name": "incident 2291", "expires_in": 8},
)
STREAMS = 48
SENTENCE = "the deploy is through and all streams came back by themselves after a moment so nobody has noticed anything at all"
VIEWS = {"rooms": "Rooms", "users": "Users", "streams": "Streams", "audit": "Audit log"}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/pictures", description=__doc__)
    parser.add_argument("--seconds", type=float, default=310, help="of talk before the pictures are taken; default %(default)s")
    return parser.parse_args()


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


def open_rooms(people: Sequence[Person]) -> list[int]:
    rooms = []
    for owner, room in zip(people, ROOMS, strict=False):
        made = owner.http.post("/api/v1/rooms", json=room).json()
        for person in people:
            person.http.post(f"/api/v1/room/{made['id']}/members", json={"invite_key": made.get("invite_key", "")})
        rooms.append(made["id"])
    return rooms


def talk(person: Person, rooms: Sequence[int], over: threading.Event) -> None:
    """Now more, now less."""
    dice, words = random.Random(person.id), SENTENCE.split()
    while not over.wait(dice.expovariate(6 + 5 * math.sin(time.time() / 40 + person.id))):
        person.post(dice.choice(rooms), " ".join(dice.choices(words, k=dice.randint(3, 12))))


@contextmanager
def crowd(server: Server) -> Iterator[None]:
    people = [sign_up(server, name) for name in NAMES]
    rooms = open_rooms(people)
    over = threading.Event()
    talkers = [threading.Thread(target=talk, args=(person, rooms, over)) for person in people]
    with ExitStack() as listening:
        for number in range(STREAMS):
            path = "/api/v1/subscribe" if number % 3 else f"/api/v1/room/{rooms[number % len(rooms)]}/subscribe"
            listening.enter_context(Listener(people[number % len(people)], path))
        for talker in talkers:
            talker.start()
        yield
        over.set()
        for talker in talkers:
            talker.join()


@contextmanager
def page(browser: Browser, server: Server, key: str, scheme: Any, width: int) -> Iterator[Page]:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 780}, device_scale_factor=1.5)
    opened = context.new_page()
    opened.goto(server.admin_url)
    opened.get_by_label("API key").fill(key)
    opened.get_by_role("button", name="Sign in").click()
    opened.wait_for_selector("path[d*=L]", state="attached")
    yield opened
    context.close()


def take(opened: Page, name: str) -> None:
    opened.screenshot(path=PICTURES / f"admin-{name}.png")
    sys.stdout.write(f"docs/pictures/admin-{name}.png\n")


def take_all(server: Server) -> None:
    olga = Operator(server)
    olga.done("POST", "/announcements", {"text": "We update at 18:00 UTC; streams come back by themselves.", "rooms": None})
    with launched() as browser:
        with page(browser, server, olga.key["key"], "light", 1280) as opened:
            opened.hover("[data-plot^=delay] svg", position={"x": 420, "y": 60})
            take(opened, "overview")
            for name, view in VIEWS.items():
                opened.get_by_role("navigation").get_by_role("link", name=view).click()
                take(opened, name)
        with page(browser, server, olga.key["key"], "dark", 1280) as opened:
            take(opened, "overview-dark")
        with page(browser, server, olga.key["key"], "light", 400) as opened:
            take(opened, "overview-narrow")


def main() -> None:
    seconds = arguments().seconds
    PICTURES.mkdir(exist_ok=True)
    with service() as server, crowd(server):
        time.sleep(seconds)
        take_all(server)


if __name__ == "__main__":
    main()
