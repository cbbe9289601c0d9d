"""What a person finds on the page: its parts by role and name, and what axe-core finds wrong with it."""

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
# Half a fade is no colour that anybody reads.
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
    """A tab with the room open, and what was said in it."""
    page = visitor.open(f"/r/{room['id']}")
    expect(page.get_by_role("heading", level=1, name=room["name"])).to_be_visible()
    expect(page.get_by_role("log")).to_have_attribute("aria-busy", "false")
    return page


def press(page: Page, name: str, within: Locator | None = None) -> None:
    """The button of that name."""
    (within or page).get_by_role("button", name=name, exact=True).click()


def show_members(page: Page) -> Locator:
    """The panel, opened where the screen is too narrow for it to stand open."""
    button = page.get_by_role("button", name="Members here")
    if button.get_attribute("aria-expanded") != "true":
        button.click()
    expect(members(page)).to_be_visible()
    return members(page)


def grave_faults(page: Page) -> list[str]:
    """What axe-core calls serious or critical, with the elements."""
    page.evaluate(AXE.read_text())  # not as a script of the page: its policy would refuse it
    page.evaluate(STILL)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{fault['id']}: {fault['help']}: {node['html']} {node['failureSummary']}"
        for fault in found["violations"]
        if fault["impact"] in GRAVE
        for node in fault["nodes"]
    ]
