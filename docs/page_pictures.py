"""Takes the pictures of the page in docs/pictures: a real service, people who talk in it, and real browsers that look on."""

import io
import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect

from docs.admin_pictures import PICTURES, service, sign_up
from tests.harness.deadline import eventually
from tests.harness.page import launched
from tests.harness.people import Person
from tests.harness.server import Server

NAMES = ("ada", "grace", "linus", "barbara", "edsger", "frances")
ROOMS: tuple[dict[str, Any], ...] = (
    {"name": "lobby", "topic": "everybody, about everything"},
    {"name": "release 4.2", "topic": "freeze on Thursday"},
    {"name": "kitchen", "topic": "what is for lunch"},
    {"name": "platform team", "kind": "closed"},
    {"name": "incident 2291", "topic": "replica lag in eu-west", "expires_in": 2.5},
)
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 780}
LAG = [12 + 9 * math.sin(x / 9) + (46 if 60 < x < 84 else 0) * math.sin((x - 60) / 24 * math.pi) for x in range(120)]


def crowd(server: Server) -> tuple[dict[str, Person], dict[str, int]]:
    people = {name: sign_up(server, name) for name in NAMES}
    rooms = {}
    for room in ROOMS:
        made = people["ada"].http.post("/api/v1/rooms", json=room).json()
        for person in people.values():
            person.http.post(f"/api/v1/room/{made['id']}/members", json={"invite_key": made.get("invite_key", "")})
        rooms[room["name"]] = made["id"]
    return people, rooms


def chart() -> bytes:
    """A plot as somebody would drop it into a room."""
    picture = Image.new("RGB", (720, 260), "#f7f9fb")
    pen = ImageDraw.Draw(picture)
    for y in range(40, 260, 40):
        pen.line((0, y, 720, y), "#dde4ea", 1)
    pen.line([(6 * x, 230 - 3 * y) for x, y in enumerate(LAG)], "#2a6f97", 4, joint="curve")
    kept = io.BytesIO()
    picture.save(kept, "PNG")
    return kept.getvalue()


def talk(people: dict[str, Person], rooms: dict[str, int]) -> None:
    room = rooms["release 4.2"]
    people["grace"].post(room, "The deploy is through. All **9,412** streams came back by themselves :tada:")
    people["linus"].post(room, "nobody noticed?")
    train = people["barbara"].post(room, "I was on a train, in a tunnel. It said _away_, and then everything was there.")
    people["edsger"].post(room, "And nothing was there twice: I counted.")
    for name, emoji in (("ada", "👏"), ("grace", "👏"), ("linus", "🚄")):
        people[name].http.put(f"/api/v1/message/{train['id']}/reactions/{emoji}")
    people["frances"].http.post(
        f"/api/v1/room/{room}/files", data={"text": "the lag while it went:"}, files={"file": ("lag.png", chart(), "image/png")}
    )
    people["grace"].http.post(
        f"/api/v1/room/{room}/messages", json={"text": "@ada shall we call it done? `git tag v4.2`", "reply_to": train["id"]}
    )
    for text in ("soup today", "and there is cake"):
        people["linus"].post(rooms["kitchen"], text)
    people["barbara"].post(rooms["incident 2291"], "@ada the replica has caught up")
    people["edsger"].write_to("ada", "one more proof, when you have a minute")
    people["ada"].write_to("grace", "thank you for staying late")


@contextmanager
def tab(browser: Browser, server: Server, person: Person, path: str, **options: Any) -> Iterator[Page]:
    context = browser.new_context(**options)
    context.add_cookies([{"name": "chat_session", "value": person.token, "url": server.url}])
    page = context.new_page()
    page.goto(server.url + path)
    page.get_by_text("Live ·").wait_for(state="attached")
    yield page
    context.close()


def take(page: Page, name: str) -> None:
    page.evaluate("document.fonts.ready")
    page.screenshot(path=PICTURES / f"page-{name}.png")
    sys.stdout.write(f"docs/pictures/page-{name}.png\n")


def settle(page: Page, graces: Page) -> None:
    """What was dropped into the room is drawn, and grace is about to say more."""
    expect(page.get_by_role("log").get_by_role("img", name="lag.png")).to_have_js_property("complete", True)
    expect(page.locator("nav [aria-current]")).not_to_contain_text("unread")
    eventually(lambda: is_typing(page, graces))


def is_typing(page: Page, graces: Page) -> bool:
    graces.get_by_label("Message", exact=True).press_sequentially("and ", delay=100)
    return page.get_by_text("grace is typing…").is_visible()


def take_all(server: Server, browser: Browser) -> None:
    people, rooms = crowd(server)
    talk(people, rooms)
    ada, path = people["ada"], f"/r/{rooms['release 4.2']}"
    with tab(browser, server, people["grace"], path) as graces, tab(browser, server, people["linus"], path):
        for scheme in ("light", "dark"):
            with tab(browser, server, ada, path, viewport=DESK, color_scheme=scheme, device_scale_factor=1.5) as page:
                settle(page, graces)
                take(page, scheme)
        with tab(browser, server, ada, path, viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2) as page:
            settle(page, graces)
            take(page, "phone")
            page.get_by_role("button", name="Rooms").click()
            page.get_by_role("navigation").get_by_role("button", name="Go to").wait_for()
            page.evaluate("for (const one of document.getAnimations()) if (one.effect.getTiming().iterations !== Infinity) one.finish()")
            take(page, "phone-rooms")


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with service() as server, launched() as browser:
        take_all(server, browser)


if __name__ == "__main__":
    main()
