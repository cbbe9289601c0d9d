"""Search on the page: results in readable rooms, with marks, and the way to the message."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.harness.browser import Visits
from tests.harness.held_requests import holding, is_held
from tests.harness.page_parts import dialog, in_room, press
from tests.harness.people import Person

MORE = "**/api/v1/search?*before=*"
PAGE = 20  # found at once


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
    expect(dialog(page).get_by_role("status").get_by_text("Nothing found.")).to_be_visible()


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


def test_more_is_shown_once_however_often_it_is_asked_for(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    for number in range(PAGE + 5):
        alice.post(room["id"], f"medlar {number}")
    visitor = visits.of(alice)
    visitor.bears_failures = True
    page = in_room(visitor, room)
    results = search(page, "medlar")
    with page.expect_response(lambda answer: "room=" in answer.url):
        dialog(page).get_by_label(f"Only in {room['name']}").check()
    page.route(MORE, lambda route: route.abort())
    press(page, "Show more", dialog(page))
    expect(dialog(page).get_by_text("The service cannot be reached just now.")).to_be_visible()
    held = hold_more(page)
    for _ in range(2):
        press(page, "Show more", dialog(page))
    let_go(page, held)
    expect(results).to_have_count(PAGE + 5)
    assert len(held) == 1


def test_more_of_what_is_not_sought_any_more_is_not_shown(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    for number in range(PAGE + 5):
        alice.post(room["id"], f"damson {number}")
    alice.post(room["id"], "a sloe")
    page = in_room(visits.of(alice), room)
    results = search(page, "damson")
    held = hold_more(page)
    press(page, "Show more", dialog(page))
    dialog(page).get_by_role("searchbox").fill("sloe")
    expect(results.filter(has_text="a sloe")).to_have_count(1)
    with page.expect_response(MORE):
        let_go(page, held)
    page.evaluate("new Promise(requestAnimationFrame)")
    expect(results.filter(has_text="damson")).to_have_count(0)


def hold_more(page: Page) -> list[Route]:
    """What is asked for when more is, unanswered."""
    page.unroute(MORE)
    return holding(page, MORE)


def let_go(page: Page, held: list[Route]) -> None:
    is_held(page, held)
    for route in held:
        route.continue_()
