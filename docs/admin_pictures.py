"""Takes the screenshots of the admin interface in docs/pictures: a real service with some active users, and a real browser."""

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

from tests.harness import backends, http_client
from tests.harness.browser import launched
from tests.harness.databases import Databases
from tests.harness.listeners import Listener
from tests.harness.operator import Operator
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
TEXT = "the deploy is through and all streams came back by themselves after a moment so nobody has noticed anything at all"
VIEWS = {"rooms": "Rooms", "users": "Users", "streams": "Streams", "audit": "Audit log"}


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/pictures", description=__doc__)
    parser.add_argument("--seconds", type=float, default=310, help="how long the users post before the screenshots; default %(default)s")
    return parser.parse_args()


@contextmanager
def service() -> Iterator[Server]:
    with backends.postgres_url() as postgres, backends.own_valkey() as valkey:
        databases = Databases(postgres)
        with Server(databases.clone(), valkey.url) as server:
            yield server
        databases.close()


def sign_up(server: Server, name: str) -> Person:
    http = http_client.client(server.url)
    response = http.post("/api/v1/users", json={"name": name, "password": PASSWORD})
    assert response.status_code == 201, response.text
    http.cookies.clear()
    return Person.with_token(http, response.json()["user"], response.json()["token"])


def create_rooms(people: Sequence[Person]) -> list[int]:
    rooms = []
    for owner, room in zip(people, ROOMS, strict=False):
        created = owner.http.post("/api/v1/rooms", json=room).json()
        for person in people:
            person.http.post(f"/api/v1/room/{created['id']}/members", json={"invite_key": created.get("invite_key", "")})
        rooms.append(created["id"])
    return rooms


def post_until(stop: threading.Event, person: Person, rooms: Sequence[int]) -> None:
    """Posts to random rooms, at a rate that rises and falls, so that the plots have a shape."""
    rng, words = random.Random(person.id), TEXT.split()
    while not stop.wait(rng.expovariate(6 + 5 * math.sin(time.time() / 40 + person.id))):
        person.post(rng.choice(rooms), " ".join(rng.choices(words, k=rng.randint(3, 12))))


@contextmanager
def active_users(server: Server) -> Iterator[None]:
    """Some users post, and hold `STREAMS` streams open."""
    people = [sign_up(server, name) for name in NAMES]
    rooms = create_rooms(people)
    stop = threading.Event()
    posters = [threading.Thread(target=post_until, args=(stop, person, rooms)) for person in people]
    with ExitStack() as streams:
        for number in range(STREAMS):
            path = "/api/v1/subscribe" if number % 3 else f"/api/v1/room/{rooms[number % len(rooms)]}/subscribe"
            streams.enter_context(Listener(people[number % len(people)], path))
        for poster in posters:
            poster.start()
        yield
        stop.set()
        for poster in posters:
            poster.join()


@contextmanager
def admin_page(browser: Browser, server: Server, key: str, scheme: Any, width: int) -> Iterator[Page]:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 780}, device_scale_factor=1.5)
    page = context.new_page()
    page.goto(server.admin_url)
    page.get_by_label("API key").fill(key)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector("path[d*=L]", state="attached")
    yield page
    context.close()


def take_screenshot(page: Page, name: str) -> None:
    page.screenshot(path=PICTURES / f"admin-{name}.png")
    sys.stdout.write(f"docs/pictures/admin-{name}.png\n")


def take_screenshots(server: Server) -> None:
    olga = Operator(server)
    olga.call("POST", "/announcements", {"text": "We update at 18:00 UTC; streams come back by themselves.", "rooms": None})
    with launched() as browser:
        with admin_page(browser, server, olga.key["key"], "light", 1280) as page:
            page.hover("[data-plot^=delay] svg", position={"x": 420, "y": 60})
            take_screenshot(page, "overview")
            for name, view in VIEWS.items():
                page.get_by_role("navigation").get_by_role("link", name=view).click()
                take_screenshot(page, name)
        with admin_page(browser, server, olga.key["key"], "dark", 1280) as page:
            take_screenshot(page, "overview-dark")
        with admin_page(browser, server, olga.key["key"], "light", 400) as page:
            take_screenshot(page, "overview-narrow")


def main() -> None:
    seconds = parse_arguments().seconds
    PICTURES.mkdir(exist_ok=True)
    with service() as server, active_users(server):
        time.sleep(seconds)
        take_screenshots(server)


if __name__ == "__main__":
    main()
