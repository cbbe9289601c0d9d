"""Notifications, which a user turns on: for which messages, by room, once a browser. And the count in the title and the icon."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.harness.browser import Visitor, Visits
from tests.harness.deadline import eventually
from tests.harness.page_parts import dialog, entry, in_room, press, sidebar
from tests.harness.people import Person

# The browser's own, and a note of each: without a screen there is nothing else to see of one.
NOTED = """
window.noted = [];
window.Notification = new Proxy(window.Notification, {construct(target, [title, options]) {
  window.noted.push(`${title}: ${options.body}`);
  return new target(title, options);
}});
"""

# A phone's: there, but of no use without a service worker.
UNABLE = """
window.Notification = class {
  static permission = PERMISSION;
  static requestPermission = async () => "granted";
  constructor() { throw new TypeError("Illegal constructor"); }
};
"""


@pytest.fixture
def rooms(alice: Person, bob: Person) -> list[dict[str, Any]]:
    """Both are in both."""
    made = [alice.create_room("here"), alice.create_room("there")]
    for room in made:
        bob.http.post(f"/api/v1/room/{room['id']}/members")
    return made


@pytest.fixture
def bobs(visits: Visits, bob: Person) -> Visitor:
    visitor = visits.of(bob, permissions=["notifications"])
    visitor.context.add_init_script(NOTED)
    return visitor


def asked_for(page: Page, person: Person) -> Page:
    press(page, f"You, {person.name}", sidebar(page))
    dialog(page).get_by_label("Show notifications in this browser").check()
    page.keyboard.press("Escape")
    return page


def noted(*pages: Page) -> list[str]:
    return [note for page in pages for note in page.evaluate("window.noted")]


def test_nobody_is_notified_who_has_not_asked(bobs: Visitor, alice: Person, bob: Person, rooms: list[dict[str, Any]]) -> None:
    page = in_room(bobs, rooms[0])
    alice.post(rooms[1]["id"], f"@{bob.name} hello")
    expect(page).to_have_title(f"(1) {rooms[0]['name']} · Chat")
    assert noted(page) == []


def test_a_mention_notifies_and_other_messages_do_not(bobs: Visitor, alice: Person, bob: Person, rooms: list[dict[str, Any]]) -> None:
    page = asked_for(in_room(bobs, rooms[0]), bob)
    alice.post(rooms[1]["id"], "hello all")
    alice.post(rooms[1]["id"], f"and @{bob.name}")
    eventually(lambda: noted(page))
    assert noted(page) == [f"{alice.name} in {rooms[1]['name']}: and @{bob.name}"]


def test_a_room_may_notify_of_everything_or_of_nothing(bobs: Visitor, alice: Person, bob: Person, rooms: list[dict[str, Any]]) -> None:
    page = asked_for(in_room(bobs, rooms[0]), bob)
    choose(page, rooms[1], "Every message")
    entry(page, rooms[0]["name"]).click()
    alice.post(rooms[1]["id"], "hello all")
    eventually(lambda: noted(page))
    choose(page, rooms[1], "Nothing")
    entry(page, rooms[0]["name"]).click()
    alice.post(rooms[1]["id"], f"hello @{bob.name}")
    alice.write_to(bob.id, "last")
    eventually(lambda: len(noted(page)) == 2)
    assert noted(page) == [f"{alice.name} in {rooms[1]['name']}: hello all", f"{alice.name}: last"]


def choose(page: Page, room: dict[str, Any], level: str) -> None:
    entry(page, room["name"]).click()
    expect(page.get_by_role("heading", level=1, name=room["name"])).to_be_visible()
    press(page, "About this room")
    dialog(page).get_by_role("radio", name=level).check()
    page.keyboard.press("Escape")
    expect(dialog(page)).to_have_count(0)


def test_nobody_is_notified_of_what_they_look_at(bobs: Visitor, alice: Person, bob: Person, rooms: list[dict[str, Any]]) -> None:
    page = asked_for(in_room(bobs, rooms[0]), bob)
    alice.post(rooms[0]["id"], f"@{bob.name} you see this")
    alice.post(rooms[1]["id"], f"@{bob.name} but not this")
    eventually(lambda: noted(page))
    assert noted(page) == [f"{alice.name} in {rooms[1]['name']}: @{bob.name} but not this"]


def test_of_several_tabs_one_notifies(bobs: Visitor, alice: Person, bob: Person, rooms: list[dict[str, Any]]) -> None:
    tabs = [in_room(bobs, rooms[0]) for _ in range(3)]
    asked_for(tabs[0], bob)
    alice.write_to(bob.id, "hello")
    for tab in tabs:
        expect(entry(tab, alice.name)).to_be_visible()
    eventually(lambda: noted(*tabs))
    assert noted(*tabs) == [f"{alice.name}: hello"]


def switch(page: Page, person: Person) -> Locator:
    press(page, f"You, {person.name}", sidebar(page))
    return dialog(page).get_by_label("Show notifications in this browser")


def is_told_to_be_unable(page: Page, found: Locator) -> None:
    expect(dialog(page).get_by_text("This browser cannot show notifications of this site.")).to_be_visible()
    expect(found).to_be_disabled()
    expect(found).not_to_be_checked()


def test_where_the_browser_cannot_notify_the_switch_says_so(visits: Visits, bob: Person) -> None:
    visitor = visits.of(bob)
    visitor.context.add_init_script(UNABLE.replace("PERMISSION", "'default'"))
    page = visitor.open()
    found = switch(page, bob)
    found.click()
    is_told_to_be_unable(page, found)


def test_a_browser_that_turns_out_to_be_unable_is_remembered(visits: Visits, alice: Person, bob: Person) -> None:
    visitor = visits.of(bob)
    visitor.context.add_init_script(UNABLE.replace("PERMISSION", "'granted'"))
    page = asked_for(visitor.open(), bob)
    alice.write_to(bob.id, "hello")
    expect(entry(page, alice.name)).to_be_visible()
    is_told_to_be_unable(page, switch(page, bob))
    page.reload()
    is_told_to_be_unable(page, switch(page, bob))


def test_what_one_wants_to_hear_of_is_not_the_next_ones_here(
    visits: Visits, alice: Person, bob: Person, rooms: list[dict[str, Any]]
) -> None:
    visitor = visits.of(alice, permissions=["notifications"])
    hers = asked_for(in_room(visitor, rooms[0]), alice)
    choose(hers, rooms[1], "Nothing")
    hers.close()
    visitor.sign_in(bob)
    his = in_room(visitor, rooms[1])
    press(his, "About this room")
    expect(dialog(his).get_by_role("radio", name="Mentions only")).to_be_checked()
    expect(dialog(his).get_by_text("Notifications are off in this browser.")).to_be_visible()
    his.close()
    visitor.sign_in(alice)
    again = in_room(visitor, rooms[1])
    press(again, "About this room")
    expect(dialog(again).get_by_role("radio", name="Nothing")).to_be_checked()


def test_the_title_and_the_icon_count_what_is_unread(bobs: Visitor, alice: Person, rooms: list[dict[str, Any]]) -> None:
    page = in_room(bobs, rooms[0])
    icon = page.locator("link[rel=icon]")
    plain = icon.get_attribute("href")
    for text in ("one", "two"):
        alice.post(rooms[1]["id"], text)
    expect(page).to_have_title(f"(2) {rooms[0]['name']} · Chat")
    expect(icon).to_have_attribute("href", re.compile("^data:image/png"))
    entry(page, rooms[1]["name"]).click()
    expect(page).to_have_title(f"{rooms[1]['name']} · Chat")
    eventually(lambda: (icon.get_attribute("href") or "").endswith((plain or "?").rpartition("/")[2]))
