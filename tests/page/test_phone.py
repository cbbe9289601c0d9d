"""The page on a phone: nothing lies under a notch, a home bar or the keyboard, nothing zooms by itself, and its QR codes can be scanned."""

import io

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.harness.browser import Visits
from tests.harness.deadline import eventually
from tests.harness.page_parts import PHONE, dialog, press
from tests.harness.people import Person
from tests.harness.room_page import box, is_shown, talking

NOTCH, HOME_BAR, KEYBOARD = 44, 34, 336  # pixels
ZOOMS_BELOW = 16  # pixels
TEXT_SIZES = "fields => fields.map(field => parseFloat(getComputedStyle(field).fontSize))"
STILL_SECONDS = 0.001
LONGEST_MOTION = """() => {
  const seconds = (style) => `${style.transitionDuration}, ${style.animationDuration}`.split(", ").map(parseFloat);
  return Math.max(...[...document.querySelectorAll("*")].flatMap((element) => seconds(getComputedStyle(element))));
}"""
KEYBOARD_COMES = """height => {
  Object.defineProperty(visualViewport, "height", { configurable: true, get: () => height });
  visualViewport.dispatchEvent(new Event("resize"));
}"""


def edges(located: Locator) -> tuple[float, float]:
    """Its top and bottom, from the top of the screen."""
    found = located.bounding_box()
    assert found
    return found["y"], found["y"] + found["height"]


def longest_motion(page: Page) -> float:
    """In seconds, of all transitions and animations."""
    return float(page.evaluate(LONGEST_MOTION))


def with_insets(page: Page) -> None:
    """As a phone with a notch has them."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Emulation.setSafeAreaInsetsOverride", {"insets": {"top": NOTCH, "bottom": HOME_BAR}})


def test_nothing_to_read_or_press_lies_under_the_notch_or_the_home_bar(visits: Visits, alice: Person) -> None:
    room = alice.create_room("lounge")
    page = talking(visits, alice, room, **PHONE)
    assert edges(page.get_by_role("heading", level=1))[0] < NOTCH
    with_insets(page)
    eventually(lambda: edges(page.get_by_role("heading", level=1))[0] >= NOTCH)
    assert edges(box(page))[1] <= PHONE["viewport"]["height"] - HOME_BAR
    press(page, "Rooms")
    person = page.get_by_role("button", name=f"You, {alice.name}")
    expect(person).to_be_in_viewport(ratio=1)
    assert edges(page.get_by_role("button", name="Go to…"))[0] >= NOTCH
    assert edges(person)[1] <= PHONE["viewport"]["height"] - HOME_BAR
    person.click()
    eventually(lambda: edges(dialog(page).get_by_role("button", name="Close"))[0] >= NOTCH)


def test_the_keyboard_covers_neither_the_field_nor_the_newest_message(visits: Visits, alice: Person) -> None:
    """Where the layout stays as high as it was and what is seen of it does not, as on an iPhone. Headless there is no keyboard, so the
    browser is made to say so."""
    room = alice.create_room("lounge")
    for number in range(30):
        alice.post(room["id"], f"number {number}")
    page = talking(visits, alice, room, **PHONE)
    is_shown(page, "number 29")
    left = PHONE["viewport"]["height"] - KEYBOARD
    assert edges(box(page))[0] > left
    page.evaluate(KEYBOARD_COMES, left)
    eventually(lambda: edges(box(page))[1] <= left)
    eventually(lambda: edges(page.get_by_text("number 29"))[1] <= edges(box(page))[0])
    page.evaluate(KEYBOARD_COMES, PHONE["viewport"]["height"])
    eventually(lambda: edges(box(page))[0] > left)


@pytest.mark.parametrize("is_stranger", [True, False])
def test_no_field_is_so_small_that_a_phone_zooms_in(visits: Visits, alice: Person, is_stranger: bool) -> None:
    """Safari does where the text is below 16 pixels."""
    page = visits.of(None, **PHONE).visit() if is_stranger else talking(visits, alice, alice.create_room("lounge"), **PHONE)
    page.locator("input:visible, textarea:visible").first.wait_for()
    if not is_stranger:
        press(page, "Search")
        dialog(page).get_by_role("searchbox").wait_for()
    sizes: list[str] = page.locator("input, textarea, select").evaluate_all(
        "fields => fields.map(field => getComputedStyle(field).fontSize)"
    )
    assert len(sizes) > 1
    assert min(float(size.removesuffix("px")) for size in sizes) >= ZOOMS_BELOW


def test_whoever_wants_less_motion_sees_none(visits: Visits, alice: Person) -> None:
    room = alice.create_room("lounge")
    moving, still = (longest_motion(talking(visits, alice, room, reduced_motion=wanted, **PHONE)) for wanted in ("no-preference", "reduce"))
    assert moving > STILL_SECONDS >= still


def test_a_scanned_qr_code_is_the_invitation(visits: Visits, alice: Person) -> None:
    room = alice.create_room("lounge")
    for scheme in ("light", "dark"):
        page = talking(visits, alice, room, color_scheme=scheme)
        press(page, "Invite")
        code = dialog(page).get_by_role("img", name="The link as a QR code")
        code.wait_for()
        picture = Image.open(io.BytesIO(code.screenshot()))
        link = dialog(page).get_by_label("Link", exact=True).input_value()
        assert [found.text for found in zxingcpp.read_barcodes(picture)] == [link]
