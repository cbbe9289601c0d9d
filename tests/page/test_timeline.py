"""The messages of a room on the page: from the read marker, through the whole history and back, live, and bounded."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.harness.browser import Visits
from tests.harness.deadline import eventually
from tests.harness.page_parts import in_room
from tests.harness.people import Person
from tests.harness.room_page import ids, is_shown, log, message, scroll, seen, talking, tops, use, write
from tests.harness.rooms import unread_of
from tests.harness.server import Server
from tests.harness.tables import execute

LEAST_GAP_PIXELS = 7  # between a time and the text beside it
WITHIN_SECONDS = 30.0
MOST = 300  # messages in the document
SPARE = 50  # of them that are let go at once
SAID = 700  # in a room with a history
PIXEL = 1.5  # nothing moved by as much: browsers round


@pytest.fixture(scope="module")
def carol(server: Server) -> Iterator[Person]:
    with Person.sign_up(server.url, "carol") as person:
        yield person


@pytest.fixture(scope="module")
def history(carol: Person) -> dict[str, Any]:
    """A room in which much was said, by its messages' ids."""
    room = carol.create_room("history")
    said = [carol.post(room["id"], f"this is number {number}" + "\nwith a second line" * (number % 3))["id"] for number in range(SAID)]
    return {**room, "said": said}


def newest_is_seen(page: Page, room: dict[str, Any]) -> None:
    eventually(lambda: room["said"][-1] in seen(page), WITHIN_SECONDS)


def jump(page: Page) -> Any:
    return page.get_by_role("button", name=re.compile("^Jump to the newest"))


# What is not there


def test_a_link_to_a_message_that_is_nowhere_says_so(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    alice.post(room["id"], "hello")
    page = visits.of(alice).open(f"/r/{room['id']}/999999999")
    expect(page.get_by_text("That message is not there any more.")).to_be_visible()
    is_shown(page, "hello")


def test_history_that_cannot_be_loaded_is_told_and_tried_again(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    alice.post(room["id"], "hello")
    visitor = visits.of(alice)
    visitor.bears_failures = True
    visitor.context.route("**/messages?*", lambda route: route.abort())
    page = in_room(visitor, room)
    alert = log(page).locator("..").get_by_role("alert")
    expect(alert).to_contain_text("could not be loaded")
    visitor.context.unroute("**/messages?*")
    alert.get_by_role("button", name="Try again").click()
    is_shown(page, "hello")
    expect(alert).to_have_count(0)


def test_history_that_could_not_be_loaded_comes_by_itself_when_the_connection_is_back(
    visits: Visits, alice: Person, history: dict[str, Any]
) -> None:
    visitor = visits.of(alice)
    visitor.bears_failures = True
    visitor.context.route("**/messages?*", lambda route: route.abort())
    page = in_room(visitor, history)
    expect(page.get_by_text("could not be loaded")).to_be_visible()
    visitor.context.set_offline(True)
    expect(page.get_by_text("The connection is away", exact=False)).to_be_visible()
    visitor.context.unroute("**/messages?*")
    visitor.context.set_offline(False)
    newest_is_seen(page, history)


def test_a_deleted_message_is_told_as_such_and_its_words_are_gone(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    said = alice.post(room["id"], "a secret")
    page = talking(visits, bob, room)
    is_shown(page, "a secret")
    assert alice.http.delete(f"/api/v1/message/{said['id']}").status_code == 204
    expect(log(page)).to_contain_text("This message was deleted.")
    expect(log(page)).not_to_contain_text("a secret")
    page.reload()
    expect(log(page)).to_contain_text("This message was deleted.")


# Opening


def test_an_empty_room_says_where_it_begins(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    expect(log(talking(visits, alice, room))).to_contain_text(f"This is the beginning of {room['name']}.")


def test_a_room_opens_at_its_newest(visits: Visits, alice: Person, history: dict[str, Any]) -> None:
    page = talking(visits, alice, history)
    newest_is_seen(page, history)
    expect(jump(page)).to_have_count(0)


def test_a_room_opens_where_one_left_with_a_line_before_what_is_new(
    visits: Visits, alice: Person, bob: Person, room: dict[str, Any]
) -> None:
    for number in range(120):
        last = bob.post(room["id"], f"old {number}")
    assert alice.http.put(f"/api/v1/room/{room['id']}/read", json={"id": last["id"]}).status_code == 204
    for number in range(150):
        bob.post(room["id"], f"fresh {number}")
    page = talking(visits, alice, room)
    line = log(page).get_by_role("separator", name="New messages")
    expect(line).to_be_in_viewport()
    assert line.evaluate("line => line.nextElementSibling.innerText").endswith("fresh 0")
    is_shown(page, "old 119")
    expect(jump(page)).to_have_accessible_name("Jump to the newest, 150 new")
    jump(page).click()
    is_shown(page, "fresh 149")
    expect(jump(page)).to_have_count(0)


def test_a_link_leads_to_its_message_which_has_the_focus(visits: Visits, alice: Person, history: dict[str, Any]) -> None:
    wanted = history["said"][100]
    page = visits.of(alice).open(f"/r/{history['id']}/{wanted}")
    eventually(lambda: wanted in seen(page), WITHIN_SECONDS)
    expect(page.locator(f"[data-id='{wanted}']")).to_be_focused()
    assert history["said"][-1] not in ids(page)
    jump(page).click()
    newest_is_seen(page, history)
    assert page.url.endswith(f"/r/{history['id']}")


# Through the history


def up_once(page: Page) -> None:
    """Scrolls up until older messages are loaded. The visible ones must stay in place."""
    first = ids(page)[0]
    log(page).evaluate("log => log.scrollTop = Math.min(log.scrollTop, 500)")
    before = {each: tops(page).get(str(each)) for each in seen(page)}
    eventually(lambda: ids(page)[0] < first, WITHIN_SECONDS)
    moved = [abs(tops(page)[str(each)] - top) for each, top in before.items() if top is not None]
    assert moved, "nothing was seen"
    assert max(moved) < PIXEL


def test_the_whole_history_is_scrolled_up_without_a_jump_and_down_again(visits: Visits, bob: Person, history: dict[str, Any]) -> None:
    page = talking(visits, bob, history)
    newest_is_seen(page, history)
    met, most = set(ids(page)), 0
    while ids(page)[0] > history["said"][0]:
        up_once(page)
        met |= set(ids(page))
        most = max(most, len(ids(page)))
    assert met == set(history["said"])
    assert most <= MOST
    assert history["said"][-1] not in ids(page)
    expect(log(page)).to_contain_text(f"This is the beginning of {history['name']}.")
    down(page, history)


def down(page: Page, history: dict[str, Any]) -> None:
    """Scrolls down step by step, and must see every message."""
    met: list[int] = []

    def further() -> bool:
        met.extend(each for each in seen(page) if not met or each > met[-1])
        log(page).evaluate("log => log.scrollBy(0, log.clientHeight * .6)")
        return bool(met[-1:] == history["said"][-1:])

    log(page).evaluate("log => log.scrollTop = 0")
    eventually(further, WITHIN_SECONDS)
    assert met == history["said"]
    assert len(ids(page)) <= MOST


def test_a_wheel_and_the_end_key_scroll(visits: Visits, bob: Person, history: dict[str, Any]) -> None:
    page = talking(visits, bob, history)
    newest_is_seen(page, history)
    scroll(page, -2000)
    expect(jump(page)).to_have_accessible_name("Jump to the newest")
    log(page).focus()
    page.keyboard.press("End")
    expect(jump(page)).to_have_count(0)


# Live


def test_what_bob_says_is_seen_at_once_and_told_to_who_hears_the_page(
    visits: Visits, alice: Person, bob: Person, room: dict[str, Any]
) -> None:
    page = talking(visits, alice, room)
    bob.post(room["id"], "hello alice")
    is_shown(page, "hello alice")
    expect(page.get_by_role("status").filter(has_text=f"{bob.name}: hello alice")).to_have_count(1)


def test_who_reads_further_up_is_not_moved_and_sees_how_much_came(visits: Visits, bob: Person, history: dict[str, Any]) -> None:
    page = talking(visits, bob, history)
    newest_is_seen(page, history)
    log(page).evaluate("log => log.scrollTop = 10")
    eventually(lambda: len(ids(page)) >= MOST - 100, WITHIN_SECONDS)
    expect(log(page)).to_have_attribute("aria-busy", "false")
    before, here = tops(page), seen(page)
    with Person.sign_up(str(bob.http.base_url), "dora") as dora:
        history["said"] += [dora.post(history["id"], f"later {number}")["id"] for number in range(2)]
    expect(jump(page)).to_have_accessible_name("Jump to the newest, 2 new")
    assert [abs(tops(page)[str(each)] - before[str(each)]) < PIXEL for each in here] == [True] * len(here)
    jump(page).click()
    newest_is_seen(page, history)


def test_a_room_where_much_is_said_stays_bounded_and_shows_the_newest(
    visits: Visits, alice: Person, bob: Person, room: dict[str, Any]
) -> None:
    page = talking(visits, alice, room)
    for number in range(MOST + 60):
        bob.post(room["id"], f"fast {number}")
    is_shown(page, f"fast {MOST + 59}")
    assert MOST - SPARE <= len(ids(page)) <= MOST
    expect(jump(page)).to_have_count(0)


def test_a_page_held_open_lets_go_of_what_it_no_longer_shows(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    """Memory of the nodes: removing them from the document is not enough."""
    page = talking(visits, alice, room)
    kept = [held(page, bob, room, MOST) for _ in range(2)]
    assert kept[1] < 1.2 * kept[0]


def held(page: Page, person: Person, room: dict[str, Any], more: int) -> float:
    """The nodes that the browser holds after so many more messages."""
    for number in range(more):
        person.post(room["id"], f"**fast** {number}")
    page.locator(f"[data-id='{person.post(room['id'], 'the last')['id']}']").wait_for()
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")
    devtools.send("HeapProfiler.collectGarbage")
    metrics = {each["name"]: float(each["value"]) for each in devtools.send("Performance.getMetrics")["metrics"]}
    return metrics["Nodes"]


def test_who_reads_the_beginning_keeps_it_while_much_is_said(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    for number in range(60):
        bob.post(room["id"], f"first {number}")
    page = talking(visits, alice, room)
    is_shown(page, "first 0")
    log(page).evaluate("log => log.scrollTop = 0")
    expect(jump(page)).to_be_visible()
    for number in range(MOST):
        bob.post(room["id"], f"then {number}")
    is_shown(page, "first 0")
    expect(jump(page)).to_have_accessible_name(re.compile(r"^Jump to the newest, 3\d\d new$"))
    assert len(ids(page)) == MOST
    jump(page).click()
    is_shown(page, f"then {MOST - 1}")


def test_an_edit_is_seen_and_marked(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    said = bob.post(room["id"], "helo")
    page = talking(visits, alice, room)
    is_shown(page, "helo")
    assert bob.http.patch(f"/api/v1/message/{said['id']}", json={"text": "hello"}).status_code == 200
    is_shown(page, "hello")
    expect(message(page, "hello")).to_contain_text("edited")
    expect(message(page, "hello").get_by_text("edited")).to_have_attribute("title", re.compile("^Edited .*20"))


# Who, when, what


def test_days_stand_apart_and_times_have_their_date(
    visits: Visits, server: Server, alice: Person, bob: Person, room: dict[str, Any]
) -> None:
    said = [bob.post(room["id"], text)["id"] for text in ("long ago", "yesterday's", "today's")]
    for event, days in zip(said, (400, 1, 0), strict=True):
        execute(
            server.database_url,
            "UPDATE events SET created_at = now() - :days * interval '1 day' WHERE id = :id",
            {"id": event, "days": days},
        )
    page = talking(visits, alice, room)
    is_shown(page, "today's")
    expect(log(page).get_by_role("heading", level=2)).to_have_text([re.compile(r"20\d\d"), "Yesterday", "Today"])
    message(page, "long ago").hover()
    expect(message(page, "long ago").get_by_role("time")).to_have_attribute("title", re.compile(r"20\d\d"))


@pytest.mark.parametrize(
    ("locale", "shown"), [("en-US", r"^\d{1,2}:\d\d\s[AP]M$"), ("de-DE", r"^\d\d:\d\d$"), ("fi-FI", r"^\d{1,2}\.\d\d$")]
)
def test_the_time_of_day_is_told_as_the_readers_language_has_it(
    visits: Visits, alice: Person, bob: Person, room: dict[str, Any], locale: str, shown: str
) -> None:
    bob.post(room["id"], "what time is it?")
    page = visits.of(alice, locale=locale).open(f"/r/{room['id']}")
    expect(page.locator(".message header time")).to_have_text(re.compile(shown))


def test_a_time_of_twelve_hours_keeps_its_distance_from_the_text(visits: Visits, server: Server, bob: Person, room: dict[str, Any]) -> None:
    for text, moment in (("one", "21:48"), ("two", "22:48"), ("three", "22:48")):
        event = {"id": bob.post(room["id"], text)["id"], "moment": moment}
        execute(server.database_url, "UPDATE events SET created_at = current_date + CAST(:moment AS interval) WHERE id = :id", event)
    page = talking(visits, bob, room, locale="en-US", timezone_id="UTC")
    expect(message(page, "one").get_by_role("time")).to_have_text("9:48 PM")
    message(page, "three").hover()
    time, text_box = message(page, "three").get_by_role("time"), message(page, "three").get_by_text("three").bounding_box()
    assert text_box
    assert text_box["x"] - time.evaluate("time => time.getBoundingClientRect().right") >= LEAST_GAP_PIXELS


def test_messages_of_one_sender_stand_together_under_one_name(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    for person, text in ((bob, "one"), (bob, "two"), (alice, "three"), (bob, "four")):
        person.post(room["id"], text)
    page = talking(visits, alice, room)
    is_shown(page, "four")
    named = [
        message(page, text).get_by_role("button", name=re.compile(f"^({alice.name}|{bob.name})$")).count()
        for text in ("one", "two", "three", "four")
    ]
    assert named == [1, 0, 1, 1]


def test_a_quote_leads_to_what_is_quoted(visits: Visits, alice: Person, history: dict[str, Any]) -> None:
    with Person.sign_up(str(alice.http.base_url), "erin") as erin:
        body = {"text": "about that", "reply_to": history["said"][3]}
        answer = erin.http.post(f"/api/v1/room/{history['id']}/messages", json=body)
        assert answer.status_code == 201, answer.text
        history["said"].append(answer.json()["id"])
    page = talking(visits, alice, history)
    is_shown(page, "about that")
    message(page, "about that").get_by_role("button", name=re.compile("^In reply to")).click()
    eventually(lambda: history["said"][3] in seen(page), WITHIN_SECONDS)
    is_shown(page, "this is number 3")


def test_markup_and_long_lines_of_any_script_stay_in_their_place(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    bob.post(room["id"], "<img src=x onerror=\"document.title='broken'\"><b>bold</b>")
    for text in ("x" * 16_000, "שלום **עולם** " * 300, "\u202e" + "👨‍👩‍👧‍👦" * 500, "a\n" * 8000, "*a* " * 4000, "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍" * 200):
        bob.post(room["id"], text)
    page = talking(visits, alice, room)
    bob.post(room["id"], "the end")
    jump(page).click()
    is_shown(page, "the end")
    assert log(page).evaluate("log => log.scrollWidth - log.clientWidth") == 0
    assert page.title() != "broken"
    expect(log(page).get_by_text("<b>bold</b>")).to_have_count(1)


def height(shown: Locator) -> float:
    box = shown.bounding_box()
    assert box, "it is shown"
    return box["height"]


def test_a_long_message_is_shown_whole_on_demand(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    bob.post(room["id"], "\n".join(f"line {number}" for number in range(200)))
    page = talking(visits, alice, room)
    article = log(page).get_by_role("article")
    low = height(article)
    article.get_by_role("button", name="Show all of it").click()
    eventually(lambda: height(article) > 5 * low)
    expect(article.get_by_role("button", name="Show less")).to_have_attribute("aria-expanded", "true")


# Read


def test_what_is_seen_counts_as_read_and_what_is_further_down_does_not(
    visits: Visits, alice: Person, bob: Person, room: dict[str, Any]
) -> None:
    page = talking(visits, alice, room)
    write(page, "here I am")
    is_shown(page, "here I am")
    page.close()
    for number in range(100):
        bob.post(room["id"], f"fresh {number}")
    assert unread_of(alice, room) == 100
    page = talking(visits, alice, room)
    eventually(lambda: 50 < unread_of(alice, room) < 100, WITHIN_SECONDS)
    jump(page).click()
    eventually(lambda: unread_of(alice, room) == 0, WITHIN_SECONDS)


# By keyboard


def test_arrow_keys_step_through_the_messages_and_escape_goes_back_to_writing(
    visits: Visits, alice: Person, bob: Person, room: dict[str, Any]
) -> None:
    for text in ("one", "two", "three"):
        bob.post(room["id"], text)
    page = talking(visits, alice, room)
    is_shown(page, "three")
    log(page).focus()
    page.keyboard.press("ArrowUp")
    expect(message(page, "three")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(message(page, "two")).to_be_focused()
    page.keyboard.press("Tab")
    expect(message(page, "two").get_by_role("button", name="React")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("textbox", name="Message")).to_be_focused()


def test_the_link_to_a_message_is_copied(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    said = bob.post(room["id"], "worth a link")
    visitor = visits.of(alice, permissions=["clipboard-read", "clipboard-write"])
    page = in_room(visitor, room)
    use(page, "worth a link", "Copy link")
    expect(page.get_by_text("The link is copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{visitor.url}/r/{room['id']}/{said['id']}"
