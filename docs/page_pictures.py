"""Takes the screenshots of the page in docs/pictures: a real service, users who post in it, and real browsers."""

import io
import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect

from docs.admin_pictures import PICTURES, service, sign_up
from tests.harness.browser import launched
from tests.harness.deadline import eventually
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
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 780}
LAG_CURVE = [12 + 9 * math.sin(x / 9) + (46 if 60 < x < 84 else 0) * math.sin((x - 60) / 24 * math.pi) for x in range(120)]
FINISH_ANIMATIONS = """
    for (const animation of document.getAnimations())
        if (animation.effect.getTiming().iterations !== Infinity) animation.finish();
"""


def create_users_and_rooms(server: Server) -> tuple[dict[str, Person], dict[str, int]]:
    people = {name: sign_up(server, name) for name in NAMES}
    rooms = {}
    for room in ROOMS:
        created = people["ada"].http.post("/api/v1/rooms", json=room).json()
        for person in people.values():
            person.http.post(f"/api/v1/room/{created['id']}/members", json={"invite_key": created.get("invite_key", "")})
        rooms[room["name"]] = created["id"]
    return people, rooms


def chart() -> bytes:
    """A PNG plot, as a user would upload it."""
    image = Image.new("RGB", (720, 260), "#f7f9fb")
    pen = ImageDraw.Draw(image)
    for y in range(40, 260, 40):
        pen.line((0, y, 720, y), "#dde4ea", 1)
    pen.line([(6 * x, 230 - 3 * y) for x, y in enumerate(LAG_CURVE)], "#2a6f97", 4, joint="curve")
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def post_messages(people: dict[str, Person], rooms: dict[str, int]) -> None:
    room = rooms["release 4.2"]
    people["grace"].post(room, "The deploy is through. All **9,412** streams came back by themselves :tada:")
    people["linus"].post(room, "nobody noticed?")
    train_message = people["barbara"].post(room, "I was on a train, in a tunnel. It said _away_, and then everything was there.")
    people["edsger"].post(room, "And nothing was there twice: I counted.")
    for name, emoji in (("ada", "👏"), ("grace", "👏"), ("linus", "🚄")):
        people[name].http.put(f"/api/v1/message/{train_message['id']}/reactions/{emoji}")
    people["frances"].http.post(
        f"/api/v1/room/{room}/files", data={"text": "the lag while it went:"}, files={"file": ("lag.png", chart(), "image/png")}
    )
    people["grace"].http.post(
        f"/api/v1/room/{room}/messages", json={"text": "@ada shall we call it done? `git tag v4.2`", "reply_to": train_message["id"]}
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


def take_screenshot(page: Page, name: str) -> None:
    page.evaluate("document.fonts.ready")
    page.screenshot(path=PICTURES / f"page-{name}.png")
    sys.stdout.write(f"docs/pictures/page-{name}.png\n")


def wait_until_ready(page: Page, grace_page: Page) -> None:
    """Waits until the uploaded image is drawn, the room is read, and the page shows that grace is typing."""
    expect(page.get_by_role("log").get_by_role("img", name="lag.png")).to_have_js_property("complete", True)
    expect(page.locator("nav [aria-current]")).not_to_contain_text("unread")
    eventually(lambda: grace_is_typing(page, grace_page))


def grace_is_typing(page: Page, grace_page: Page) -> bool:
    grace_page.get_by_label("Message", exact=True).press_sequentially("and ", delay=100)
    return page.get_by_text("grace is typing…").is_visible()


def take_screenshots(server: Server, browser: Browser) -> None:
    people, rooms = create_users_and_rooms(server)
    post_messages(people, rooms)
    ada, path = people["ada"], f"/r/{rooms['release 4.2']}"
    with tab(browser, server, people["grace"], path) as grace_page, tab(browser, server, people["linus"], path):
        for scheme in ("light", "dark"):
            with tab(browser, server, ada, path, viewport=DESKTOP, color_scheme=scheme, device_scale_factor=1.5) as page:
                wait_until_ready(page, grace_page)
                take_screenshot(page, scheme)
        with tab(browser, server, ada, path, viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2) as page:
            wait_until_ready(page, grace_page)
            take_screenshot(page, "phone")
            page.get_by_role("button", name="Rooms").click()
            page.get_by_role("navigation").get_by_role("button", name="Go to").wait_for()
            page.evaluate(FINISH_ANIMATIONS)
            take_screenshot(page, "phone-rooms")


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with service() as server, launched() as browser:
        take_screenshots(server, browser)


if __name__ == "__main__":
    main()
