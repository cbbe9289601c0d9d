"""The parts of the page, found by role and name, and the faults that axe-core finds in it."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.harness.browser import SHOWN_MS, Visitor

AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 780},
    "has_touch": True,
    "is_mobile": True,
}
GRAVE = ("serious", "critical")
# Animations are finished first: a half-faded colour has another contrast.
STILL = "for (const one of document.getAnimations()) one.effect.getTiming().iterations === Infinity ? one.cancel() : one.finish()"

expect.set_options(timeout=SHOWN_MS)


def sidebar(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Rooms")


def entry(page: Page, name: str) -> Locator:
    """A room or conversation in the sidebar."""
    return sidebar(page).get_by_role("link").filter(has=page.get_by_text(name, exact=True))


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def members(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Members")


def in_room(visitor: Visitor, room: dict[str, Any]) -> Page:
    """Opens a tab with the room, and waits for its messages."""
    page = visitor.open(f"/r/{room['id']}")
    expect(page.get_by_role("heading", level=1, name=room["name"])).to_be_visible()
    expect(page.get_by_role("log")).to_have_attribute("aria-busy", "false")
    return page


def press(page: Page, name: str, within: Locator | None = None) -> None:
    """Clicks the button of that name."""
    (within or page).get_by_role("button", name=name, exact=True).click()


def show_members(page: Page) -> Locator:
    """Returns the members panel, and opens it first on a narrow screen."""
    button = page.get_by_role("button", name="Members here")
    if button.get_attribute("aria-expanded") != "true":
        button.click()
    expect(members(page)).to_be_visible()
    return members(page)


def grave_faults(page: Page) -> list[str]:
    """The faults that axe-core calls serious or critical, with their elements."""
    page.evaluate(AXE.read_text())  # evaluated, because the page's policy refuses another script
    page.evaluate(STILL)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{fault['id']}: {fault['help']}: {node['html']} {node['failureSummary']}"
        for fault in found["violations"]
        if fault["impact"] in GRAVE
        for node in fault["nodes"]
    ]
