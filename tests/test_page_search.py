"""Search on the page: what is found where one may read, with marks, and the way to the message."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.harness.looks import dialog, in_room, press
from tests.harness.page import Visits
from tests.harness.people import Person


@pytest.fixture
def room(alice: Person) -> dict[str, Any]:
    return alice.create_room("lounge")


def search(page: Page, text: str) -> Locator:
    """The results."""
    press(page, "Search")
    dialog(page).get_by_role("searchbox").fill(text)
    return dialog(page).get_by_role("listitem")


def test_what_one_may_not_read_is_not_found(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    secret = alice.create_room("secret", kind="closed")
    alice.post(secret["id"], "the marmalade recipe")
    page = in_room(visits.of(bob), room)
    search(page, "marmalade recipe")
    expect(dialog(page).get_by_role("status")).to_have_text("Nothing found.")


def test_a_word_is_found_and_marked_behind_an_emoji(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    alice.post(room["id"], "🍊🍋 the marmalade is ready")
    results = search(in_room(visits.of(alice), room), "marmalade")
    expect(results.filter(has_text="is ready").locator("mark")).to_have_text("marmalade")


def test_markup_in_what_is_found_stays_text(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    alice.post(room["id"], "<b>marzipan</b> <img src=x>")
    results = search(in_room(visits.of(alice), room), "marzipan")
    expect(results.filter(has_text="<b>marzipan</b>")).to_have_count(1)


def test_one_room_alone_is_searched(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    other = alice.create_room("other")
    alice.post(other["id"], "quince jelly")
    alice.post(room["id"], "quince cheese")
    page = in_room(visits.of(alice), room)
    results = search(page, "quince")
    expect(results.filter(has_text=other["name"])).to_have_count(1)
    dialog(page).get_by_label(f"Only in {room['name']}").check()
    expect(results.filter(has_text=other["name"])).to_have_count(0)
    expect(results.filter(has_text=room["name"])).to_have_count(1)


def test_a_result_leads_to_its_message_by_keyboard(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    old = alice.post(room["id"], "the persimmon tree")
    for number in range(120):
        alice.post(room["id"], f"something else {number}")
    page = in_room(visits.of(alice), alice.create_room("elsewhere"))
    results = search(page, "persimmon")
    expect(results).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{visits.of().url}/r/{room['id']}/{old['id']}")
    expect(page.get_by_role("log").get_by_text("the persimmon tree")).to_be_in_viewport()
    expect(dialog(page)).to_have_count(0)
