"""Every screen of the page, in light and dark: axe-core finds nothing serious or critical."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.harness.browser import Visits
from tests.harness.page_parts import dialog, grave_faults, in_room, press, show_members, sidebar
from tests.harness.people import Person

SCHEMES = ("light", "dark")
DESKTOP = {"width": 1360, "height": 850}
PHONE = {"width": 390, "height": 780}


def found(page: Page) -> None:
    press(page, "Search")
    dialog(page).get_by_role("searchbox").fill("gooseberry")
    expect(dialog(page).get_by_role("link").first).to_be_visible()


# What leads from a room to a screen
SCREENS: dict[str, Callable[[Page], object]] = {
    "members": show_members,
    "make a room": lambda page: press(page, "Make a room", sidebar(page)),
    "find a room": lambda page: press(page, "Find a room", sidebar(page)),
    "write to somebody": lambda page: press(page, "Write to somebody", sidebar(page)),
    "switcher": lambda page: page.keyboard.press("Control+k"),
    "search": found,
    "invite": lambda page: press(page, "Invite"),
    "about the room": lambda page: press(page, "About this room"),
    "you": lambda page: sidebar(page).get_by_role("button", name="You, ").click(),
    "shortcuts": lambda page: press(page, "Keyboard shortcuts"),
}


@pytest.fixture
def room(alice: Person, bob: Person) -> dict[str, Any]:
    """With something of everything in it."""
    room = alice.create_room("lounge", topic="what there is", expires_in=0.1)
    bob.http.post(f"/api/v1/room/{room['id']}/members")
    alice.post(room["id"], "**gooseberry** _fool_ with `cream`, see https://example.org/\n> said before\n```\ncode\n```")
    bob.post(room["id"], f"thank you, @{alice.name}!")
    bob.write_to(alice.id, "a word between us")
    bob.post(alice.create_room("elsewhere")["id"], f"@{alice.name}")
    return room


def test_axe_finds_what_is_wrong(visits: Visits, alice: Person) -> None:
    page = visits.of(alice).open()
    page.evaluate("document.querySelector('nav').append(Object.assign(document.createElement('button'), {style: 'color: #999'}))")
    assert any(fault.startswith("button-name") for fault in grave_faults(page))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_signing_in_is_accessible(visits: Visits, scheme: str) -> None:
    visitor = visits.of(color_scheme=scheme)
    visitor.bears_failures = True
    page = visitor.visit()
    press(page, "Make an account")
    press(page, "Make an account")
    expect(page.get_by_text("Name is empty.")).to_be_visible()
    assert grave_faults(page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_welcome_is_accessible(visits: Visits, alice: Person, scheme: str) -> None:
    assert grave_faults(visits.of(alice, color_scheme=scheme).open()) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_room_and_all_that_opens_from_it_are_accessible(visits: Visits, alice: Person, room: dict[str, Any], scheme: str) -> None:
    page = in_room(visits.of(alice, color_scheme=scheme, viewport=DESKTOP), room)
    expect(page.get_by_role("log").get_by_text("thank you")).to_be_visible()
    faults = {"room": grave_faults(page)}
    for name, lead in SCREENS.items():
        lead(page)
        faults[name] = grave_faults(page)
        page.keyboard.press("Escape")
        expect(dialog(page)).to_have_count(0)
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_phone_with_its_drawer_open_is_accessible(visits: Visits, alice: Person, room: dict[str, Any], scheme: str) -> None:
    page = in_room(visits.of(alice, color_scheme=scheme, viewport=PHONE, has_touch=True), room)
    assert grave_faults(page) == []
    page.get_by_role("button", name="Rooms").click()
    expect(sidebar(page)).to_be_visible()
    assert grave_faults(page) == []


def test_the_page_has_its_landmarks(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    page = in_room(visits.of(alice, viewport=DESKTOP), room)
    show_members(page)
    for role, name in (("navigation", "Rooms"), ("main", None), ("complementary", "Members"), ("log", None)):
        expect(page.get_by_role(role, name=name)).to_have_count(1)  # type: ignore[arg-type]  # a role
