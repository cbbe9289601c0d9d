"""The page by keyboard alone: navigation, opening and closing, and the focus afterwards."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.harness.browser import Visitor, Visits
from tests.harness.deadline import eventually
from tests.harness.page_parts import dialog, entry, in_room, sidebar
from tests.harness.people import Person


def shows(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def composer(page: Page) -> None:
    """The focus is in the composer."""
    page.get_by_label("Message", exact=True).focus()


def test_a_question_mark_in_a_message_is_only_that(visits: Visits, alice: Person) -> None:
    page = in_room(visits.of(alice), alice.create_room("lounge"))
    composer(page)
    page.keyboard.type("what?")
    expect(page.get_by_label("Message", exact=True)).to_have_value("what?")
    expect(dialog(page)).to_have_count(0)


def hold_dialogs(visitor: Visitor) -> list[Route]:
    """The held responses arrive when they are released."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    visitor.context.route("**/deferred.js", hold)
    return held


def test_control_k_and_a_few_letters_lead_to_a_room(visits: Visits, alice: Person) -> None:
    first, second = alice.create_room("first"), alice.create_room("second")
    page = in_room(visits.of(alice), first)
    composer(page)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type(second["name"][:6])
    expect(page.get_by_role("option", name=second["name"])).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    shows(page, second["name"])
    expect(dialog(page)).to_have_count(0)


@pytest.mark.parametrize(("keys", "label"), [("Control+k", "Room or person"), ("/", "Search messages")])
def test_what_is_typed_before_a_dialog_is_there_stands_in_its_field(visits: Visits, alice: Person, keys: str, label: str) -> None:
    visitor = visits.of(alice)
    held = hold_dialogs(visitor)
    page = in_room(visitor, alice.create_room("first"))
    composer(page) if keys == "Control+k" else page.get_by_role("button", name="Find a room").focus()
    page.keyboard.press(keys)
    page.keyboard.type("aseg")
    page.keyboard.press("Backspace")
    page.keyboard.type("c")
    page.keyboard.press("Enter")
    expect(dialog(page)).to_have_count(0)
    eventually(lambda: page.evaluate("1") and held)
    for route in held:
        route.continue_()
    field = dialog(page).get_by_label(label)
    expect(field).to_have_value("asec")
    expect(field).to_be_focused()
    page.keyboard.type("!")
    expect(field).to_have_value("asec!")


def test_who_leaves_a_dialog_goes_on_writing(visits: Visits, alice: Person) -> None:
    page = in_room(visits.of(alice), alice.create_room("first"))
    composer(page)
    page.keyboard.type("well, ")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog(page)).to_have_count(0)
    expect(page.get_by_label("Message", exact=True)).to_be_focused()
    page.keyboard.type("hello")
    expect(page.get_by_label("Message", exact=True)).to_have_value("well, hello")


def test_escape_calls_off_a_dialog_that_is_not_there_yet(visits: Visits, alice: Person) -> None:
    visitor = visits.of(alice)
    hold_dialogs(visitor)
    page = in_room(visitor, alice.create_room("first"))
    composer(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("no")
    page.keyboard.press("Escape")
    page.keyboard.type("hello")
    expect(page.get_by_label("Message", exact=True)).to_have_value("hello")


@pytest.mark.parametrize(("key", "opens"), [("л", 1), ("κ", 1), ("t", 0)])
def test_control_k_is_known_by_its_place_where_the_letters_are_others(visits: Visits, alice: Person, key: str, opens: int) -> None:
    page = visits.of(alice).open()
    page.evaluate("key => dispatchEvent(new KeyboardEvent('keydown', {key, code: 'KeyK', ctrlKey: true}))", key)
    if not opens:
        page.keyboard.press("?")  # nothing has come before it
    expect(dialog(page)).to_have_count(1)
    expect(page.get_by_role("combobox")).to_have_count(opens)


def test_the_switcher_goes_down_and_up_its_offers(visits: Visits, alice: Person) -> None:
    for name in ("one", "two", "three"):
        alice.create_room(name)
    page = visits.of(alice).open()
    expect(sidebar(page).get_by_role("link")).to_have_count(3)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option")).to_have_count(3)
    for key, selected in (("ArrowDown", 1), ("ArrowUp", 0), ("ArrowUp", 2), ("ArrowDown", 0)):
        page.keyboard.press(key)
        expect(page.get_by_role("option").nth(selected)).to_have_attribute("aria-selected", "true")
        expect(page.get_by_role("combobox")).to_have_attribute("aria-activedescendant", f"offer-{selected}")


def test_the_switcher_finds_people_and_open_rooms_that_one_is_not_in(visits: Visits, alice: Person, bob: Person) -> None:
    room = bob.create_room("garden")
    page = visits.of(alice).open()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type(bob.name)
    expect(page.get_by_role("option", name=bob.name)).to_be_visible()
    page.get_by_role("combobox").fill(room["name"])
    page.get_by_role("option", name=room["name"]).click()
    shows(page, room["name"])


def test_alt_and_arrows_go_from_room_to_room(visits: Visits, alice: Person) -> None:
    rooms = sorted((alice.create_room(name) for name in ("aa", "bb", "cc")), key=lambda room: str(room["name"]))
    page = in_room(visits.of(alice), rooms[0])
    expect(sidebar(page).get_by_role("link")).to_have_count(3)
    composer(page)
    for key, name in (("Alt+ArrowDown", rooms[1]), ("Alt+ArrowDown", rooms[2]), ("Alt+ArrowDown", rooms[0]), ("Alt+ArrowUp", rooms[2])):
        page.keyboard.press(key)
        shows(page, name["name"])


def test_with_shift_they_go_to_what_is_unread(visits: Visits, alice: Person, bob: Person) -> None:
    rooms = [alice.create_room(name) for name in ("aa", "bb", "cc")]
    for room in rooms:
        bob.http.post(f"/api/v1/room/{room['id']}/members")
    page = in_room(visits.of(bob), rooms[0])
    alice.post(rooms[2]["id"], "hello")
    expect(entry(page, rooms[2]["name"])).to_have_accessible_name(re.compile("1 unread"))
    page.keyboard.press("Alt+Shift+ArrowDown")
    shows(page, rooms[2]["name"])


def test_a_question_mark_shows_all_shortcuts_and_escape_closes_them(visits: Visits, alice: Person) -> None:
    page = visits.of(alice).open()
    page.get_by_role("button", name="Find a room").first.focus()
    page.keyboard.press("?")
    expect(dialog(page).get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog(page)).to_have_count(0)


def test_the_focus_stays_in_a_dialog_and_is_given_back(visits: Visits, alice: Person) -> None:
    page = in_room(visits.of(alice), alice.create_room("lounge"))
    opener = sidebar(page).get_by_role("button", name="Make a room")
    opener.focus()
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_label("Name")).to_be_focused()
    for _ in range(20):
        page.keyboard.press("Tab")
        # The browser's own controls are the one place beside the dialog, and there nothing of the page has the focus.
        assert page.evaluate("document.activeElement === document.body || document.activeElement.closest('dialog') !== null")
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()


def test_escape_closes_the_members_and_the_drawer_of_a_phone(visits: Visits, alice: Person) -> None:
    page = in_room(visits.of(alice, viewport={"width": 390, "height": 800}), alice.create_room("lounge"))
    page.get_by_role("button", name="Members here").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("complementary", name="Members")).to_have_count(0)
    page.get_by_role("button", name="Rooms", exact=True).click()
    expect(sidebar(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(sidebar(page)).to_be_hidden()
