"""Rooms that were opened before, while the connection is away: the page shows their last state, and corrects it after the reconnect."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.harness.browser import Visitor, Visits, await_live
from tests.harness.deadline import eventually
from tests.harness.page_parts import dialog, entry, press, sidebar
from tests.harness.people import PASSWORD, Person
from tests.harness.room_page import box, ids, is_shown, log, message, write
from tests.harness.rooms import join

REMEMBERED = 5  # rooms
MESSAGES = "**/api/v1/room/*/messages?*"


def unafraid(visits: Visits, alice: Person) -> Visitor:
    visitor = visits.of(alice)
    visitor.bears_failures = True
    return visitor


@contextmanager
def away(page: Page) -> Iterator[None]:
    """The page has no connection inside the block, and knows it."""
    page.context.set_offline(True)
    expect(sidebar(page).get_by_text("Away", exact=True)).to_be_attached()
    yield
    page.context.set_offline(False)
    await_live(page)


def go(page: Page, room: dict[str, Any]) -> None:
    entry(page, room["name"]).click()
    expect(page.get_by_role("heading", level=1, name=room["name"])).to_be_visible()


def seen(page: Page, room: dict[str, Any], *texts: str) -> None:
    """Opens a room, and expects its messages on the page."""
    go(page, room)
    expect(log(page)).to_have_attribute("aria-busy", "false")
    for text in texts:
        is_shown(page, text)


def trouble(page: Page) -> Locator:
    return page.get_by_role("alert").filter(has_text="could not be loaded")


def nothing_is_shown(page: Page) -> None:
    expect(trouble(page)).to_be_visible()
    expect(log(page).get_by_role("article")).to_have_count(0)


def is_as_said(page: Page, person: Person, room: dict[str, Any]) -> None:
    """The page shows all messages of the room, once and in order."""
    said = [one["id"] for one in person.http.get(f"/api/v1/room/{room['id']}/messages?limit=100").json()["messages"]]
    eventually(lambda: ids(page) == said)


def test_a_room_that_was_open_before_shows_what_was_known_and_then_what_came(
    visits: Visits, alice: Person, bob: Person, room: dict[str, Any]
) -> None:
    study = alice.create_room("study")
    said = [bob.post(room["id"], text)["id"] for text in ("one", "two", "three")]
    page = unafraid(visits, alice).open()
    seen(page, room, "one", "three")
    seen(page, study)
    with away(page):
        go(page, room)
        is_shown(page, "three")
        expect(trouble(page)).to_be_visible()
        assert ids(page) == said
        assert bob.http.patch(f"/api/v1/message/{said[0]}", json={"text": "one, corrected"}).status_code == 200
        assert bob.http.delete(f"/api/v1/message/{said[1]}").status_code == 204
        bob.post(room["id"], "four")
    is_shown(page, "four")
    expect(message(page, "one, corrected")).to_be_visible()
    expect(page.locator(f"[data-id='{said[1]}']")).to_contain_text("This message was deleted.")
    expect(trouble(page)).to_have_count(0)
    is_as_said(page, alice, room)


def test_what_came_after_a_room_was_left_is_known_too_with_where_the_new_begins(
    visits: Visits, alice: Person, bob: Person, room: dict[str, Any]
) -> None:
    study = alice.create_room("study")
    first = bob.post(room["id"], "one")
    page = unafraid(visits, alice).open()
    seen(page, room, "one")
    seen(page, study)
    bob.http.patch(f"/api/v1/message/{first['id']}", json={"text": "one, corrected"})
    new = bob.post(room["id"], "two")
    expect(entry(page, room["name"])).to_have_accessible_name(re.compile("1 unread"))
    with away(page):
        go(page, room)
        is_shown(page, "one, corrected")
        is_shown(page, "two")
        assert (
            page.get_by_role("separator", name="New messages").evaluate("line => Number(line.nextElementSibling.dataset.id)") == new["id"]
        )
    is_as_said(page, alice, room)


def test_many_that_came_meanwhile_leave_no_hole(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    study = alice.create_room("study")
    page = unafraid(visits, alice).open()
    bob.post(room["id"], "before")
    seen(page, room, "before")
    seen(page, study)
    with away(page):
        go(page, room)
        is_shown(page, "before")
        for number in range(80):
            bob.post(room["id"], f"number {number}")
    is_shown(page, "number 79")
    bob.post(room["id"], "after")
    is_shown(page, "after")
    log(page).evaluate("log => log.scrollTop = 0")
    is_as_said(page, alice, room)


def test_what_is_written_there_waits_and_is_posted_once(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    study = alice.create_room("study")
    alice.post(room["id"], "before")
    page = unafraid(visits, alice).open()
    seen(page, room, "before")
    seen(page, study)
    with away(page):
        go(page, room)
        is_shown(page, "before")
        expect(box(page)).to_be_focused()
        write(page, "as soon as can be")
        is_shown(page, "as soon as can be")
    eventually(lambda: alice.history(room["id"]) == ["before", "as soon as can be"])
    is_as_said(page, alice, room)
    expect(message(page, "as soon as can be")).to_have_count(1)


def test_where_only_the_history_cannot_be_had_what_is_said_still_comes(
    visits: Visits, alice: Person, bob: Person, room: dict[str, Any]
) -> None:
    study = alice.create_room("study")
    bob.post(room["id"], "one")
    page = unafraid(visits, alice).open()
    seen(page, room, "one")
    seen(page, study)
    page.route(MESSAGES, lambda route: route.abort())
    go(page, room)
    is_shown(page, "one")
    bob.post(room["id"], "two")
    is_shown(page, "two")
    page.unroute(MESSAGES)
    expect(trouble(page)).to_have_count(0)
    is_as_said(page, alice, room)


def test_no_more_than_the_last_few_rooms_are_kept(visits: Visits, alice: Person) -> None:
    rooms = [alice.create_room(f"room{number}") for number in range(REMEMBERED + 2)]
    for room in rooms:
        alice.post(room["id"], "hello")
    page = unafraid(visits, alice).open()
    for room in rooms:
        seen(page, room, "hello")
    with away(page):
        for room in rooms[2:]:
            go(page, room)
            is_shown(page, "hello")
        go(page, rooms[0])
        nothing_is_shown(page)
    is_shown(page, "hello")


def test_a_room_that_one_has_left_meanwhile_is_forgotten(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    study = bob.create_room("study")
    join(alice, study)
    page = unafraid(visits, alice).open()
    bob.post(study["id"], "hello")
    seen(page, study, "hello")
    seen(page, room)
    assert alice.http.delete(f"/api/v1/room/{study['id']}/members/me").status_code == 204
    bob.post(study["id"], "among ourselves")
    expect(entry(page, study["name"])).to_have_count(0)
    join(alice, study)
    expect(entry(page, study["name"])).to_be_visible()
    with away(page):
        go(page, study)
        nothing_is_shown(page)
    is_as_said(page, alice, study)


def test_who_signs_out_leaves_nothing_behind(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    study = alice.create_room("study")
    alice.post(room["id"], "hello")
    page = unafraid(visits, alice).open()
    seen(page, room, "hello")
    seen(page, study)
    sidebar(page).get_by_role("button", name=re.compile("^You")).click()
    press(page, "Sign out", dialog(page))
    page.get_by_label("Name").fill(alice.name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Sign in")
    await_live(page)
    expect(entry(page, room["name"])).to_be_visible()
    with away(page):
        go(page, room)
        nothing_is_shown(page)
    is_shown(page, "hello")
