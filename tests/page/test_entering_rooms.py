"""Entering and leaving a room on the page: by its address, over a bad connection, removed by its owner."""

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.harness.browser import Visitor, Visits
from tests.harness.page_parts import entry, in_room, press
from tests.harness.people import Person
from tests.harness.room_page import is_shown
from tests.harness.rooms import join

MEMBERS = "**/api/v1/room/*/members"


@pytest.fixture
def room(alice: Person) -> dict[str, Any]:
    return alice.create_room("garden")


@pytest.fixture
def bobs(visits: Visits, bob: Person) -> Visitor:
    """Bob's browser. Some of its requests may fail."""
    visitor = visits.of(bob)
    visitor.bears_failures = True
    return visitor


def stands_in(page: Page, room: dict[str, Any]) -> None:
    expect(page.get_by_role("heading", level=1, name=room["name"])).to_be_visible()
    expect(page.get_by_role("textbox", name="Message", exact=True)).to_be_visible()


def member_names(alice: Person, room: dict[str, Any]) -> list[str]:
    return [member["user"]["name"] for member in alice.http.get(f"/api/v1/room/{room['id']}/members").json()]


def test_whoever_is_removed_from_an_open_room_stays_out_until_they_join(
    bobs: Visitor, alice: Person, bob: Person, room: dict[str, Any]
) -> None:
    page = in_room(bobs, room)
    assert alice.http.delete(f"/api/v1/room/{room['id']}/members/{bob.id}").status_code == 204
    expect(page.get_by_text("You are no longer in this room.")).to_be_visible()
    expect(entry(page, room["name"])).to_have_count(0)
    assert bob.name not in member_names(alice, room)
    press(page, "Join")
    stands_in(page, room)
    assert bob.name in member_names(alice, room)


def test_whoever_leaves_on_another_device_stays_out_on_this_one(bobs: Visitor, bob: Person, room: dict[str, Any]) -> None:
    page = in_room(bobs, room)
    assert bob.http.delete(f"/api/v1/room/{room['id']}/members/me").status_code == 204
    expect(page.get_by_text("You are no longer in this room.")).to_be_visible()
    join(bob, room)
    stands_in(page, room)


def test_what_is_said_while_somebody_comes_in_is_there(bobs: Visitor, alice: Person, room: dict[str, Any]) -> None:
    """A browser that preloaded the messages would have old ones."""

    def meanwhile(route: Route) -> None:
        alice.post(room["id"], "meanwhile")
        route.continue_()

    alice.post(room["id"], "before")
    bobs.context.route(MEMBERS, meanwhile)
    page = in_room(bobs, room)
    alice.post(room["id"], "afterwards")
    for text in ("before", "meanwhile", "afterwards"):
        is_shown(page, text)


def test_what_is_said_while_the_page_cannot_learn_who_it_is_for_is_there(
    bobs: Visitor, alice: Person, bob: Person, room: dict[str, Any]
) -> None:
    """The preloaded messages are old by then."""
    join(bob, room)
    bobs.context.route("**/api/v1/session", lambda route: route.abort())
    page = bobs.context.new_page()
    with page.expect_response("**/messages?*"):
        page.goto(f"{bobs.url}/r/{room['id']}")
    alice.post(room["id"], "meanwhile")
    bobs.context.unroute("**/api/v1/session")
    is_shown(page, "meanwhile")


def test_a_room_that_could_not_be_entered_is_tried_again_on_demand(bobs: Visitor, room: dict[str, Any]) -> None:
    bobs.context.route(MEMBERS, lambda route: route.abort())
    page = bobs.open(f"/r/{room['id']}")
    again = page.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    bobs.context.unroute(MEMBERS)
    again.click()
    stands_in(page, room)


def test_a_room_that_could_not_be_entered_is_entered_when_the_connection_is_back(bobs: Visitor, room: dict[str, Any]) -> None:
    bobs.context.route(MEMBERS, lambda route: route.abort())
    page = bobs.open(f"/r/{room['id']}")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    bobs.context.set_offline(True)
    expect(page.get_by_text("Away", exact=True)).to_be_visible()
    bobs.context.unroute(MEMBERS)
    bobs.context.set_offline(False)
    stands_in(page, room)
