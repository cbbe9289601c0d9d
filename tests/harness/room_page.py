"""What a person does in a room on the page: read, write, and use the tools of a message. Elements are found by role and name."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.harness.browser import Visits
from tests.harness.page_parts import in_room
from tests.harness.people import Person

IDS = "log => [...log.querySelectorAll('[data-id]')].map(row => Number(row.dataset.id))"
TOPS = "log => Object.fromEntries([...log.querySelectorAll('[data-id]')].map(row => [row.dataset.id, row.getBoundingClientRect().top]))"
SEEN = """log => {
    const {top, bottom} = log.getBoundingClientRect();
    const seen = row => row.getBoundingClientRect().bottom > top && row.getBoundingClientRect().top < bottom;
    return [...log.querySelectorAll('[data-id]')].filter(seen).map(row => Number(row.dataset.id));
}"""


def talking(visits: Visits, person: Person, room: dict[str, Any], **options: Any) -> Page:
    """Opens a tab of that person with the room."""
    return in_room(visits.of(person, **options), room)


def log(page: Page) -> Locator:
    return page.get_by_role("log")


def message(page: Page, text: str) -> Locator:
    """The message with that text."""
    return log(page).get_by_role("article").filter(has=page.get_by_text(text, exact=True))


def box(page: Page) -> Locator:
    """The text field of the composer."""
    return page.get_by_role("textbox", name="Message", exact=True)


def write(page: Page, text: str) -> None:
    box(page).fill(text)
    box(page).press("Enter")


def use(page: Page, text: str, tool: str) -> None:
    """Clicks a tool of the message with that text."""
    message(page, text).hover()
    message(page, text).get_by_role("button", name=tool, exact=True).click()


def ids(page: Page) -> list[int]:
    """The ids of the messages in the document."""
    found: list[int] = log(page).evaluate(IDS)
    return found


def seen(page: Page) -> list[int]:
    """The ids of the messages on the screen."""
    found: list[int] = log(page).evaluate(SEEN)
    return found


def tops(page: Page) -> dict[str, float]:
    """The top edge of each message in the document, by id."""
    found: dict[str, float] = log(page).evaluate(TOPS)
    return found


def scroll(page: Page, pixels: int) -> None:
    """Scrolls as a mouse wheel does, and waits for the end. The log must have room to scroll."""
    log(page).hover()
    log(page).evaluate("log => { window.scrolled = new Promise(done => log.addEventListener('scrollend', done, {once: true})); }")
    page.mouse.wheel(0, pixels)
    page.evaluate("() => window.scrolled.then(() => true)")


def is_shown(page: Page, text: str) -> None:
    expect(message(page, text)).to_be_in_viewport()
