"""Failed and crossing requests between the page and the service: nothing is lost, and nothing is shown twice."""

import re
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.harness.browser import Visits
from tests.harness.deadline import eventually
from tests.harness.fault_relay import Fault, FaultRelay
from tests.harness.held_requests import holding, is_held
from tests.harness.page_parts import entry, in_room, press
from tests.harness.people import Person
from tests.harness.room_page import box, ids, is_shown, log, message, talking, write
from tests.harness.rooms import unread_of
from tests.harness.server import Server

POSTS = "**/api/v1/room/*/messages"
READS = "**/api/v1/room/*/read"
MUCH = 130  # messages: more than a page shows at first
SAY = "([user, event]) => new BroadcastChannel(`chat.live.${user}`).postMessage({what: 'fleeting', event})"
LEAVE = """([text, href]) => new MutationObserver((_, observer) => {
    if (!document.querySelector("[role=log]").textContent.includes(text)) return;
    observer.disconnect();
    document.querySelector(`a[href="${href}"]`).click();
}).observe(document.querySelector("[role=log]"), {childList: true, subtree: true})"""


def afterwards(page: Page, alice: Person, bob: Person) -> None:
    """Waits until the page has received everything so far."""
    other = alice.create_room("study")
    expect(entry(page, other["name"])).to_be_visible()
    bob.post(other["id"], "afterwards")
    expect(entry(page, other["name"])).to_have_accessible_name(re.compile("1 unread"))


def keys(page: Page) -> list[str]:
    """The keys of the messages in the document."""
    found: list[str] = log(page).evaluate("log => [...log.querySelectorAll('[data-key]')].map(row => row.dataset.key)")
    return found


def much_is_said(person: Person, room: dict[str, Any]) -> list[int]:
    return [person.post(room["id"], f"this is number {number}")["id"] for number in range(MUCH)]


# Answers that break off


def test_history_that_breaks_off_is_told_and_tried_again(visits: Visits, server: Server, alice: Person, room: dict[str, Any]) -> None:
    alice.post(room["id"], "hello")
    with FaultRelay(server.port) as relay:
        visitor = visits.of(alice, url=relay.url)
        visitor.bears_failures = True
        page = visitor.open()
        relay.fault = Fault.HALF_AN_ANSWER
        entry(page, room["name"]).click()
        alert = log(page).locator("..").get_by_role("alert")
        expect(alert).to_contain_text("could not be loaded")
        press(page, "Try again", alert)
        is_shown(page, "hello")


def test_an_answer_to_a_message_that_breaks_off_is_asked_for_again(
    visits: Visits, server: Server, alice: Person, room: dict[str, Any]
) -> None:
    with FaultRelay(server.port) as relay:
        visitor = visits.of(alice, url=relay.url)
        visitor.bears_failures = True
        page = in_room(visitor, room)
        posts: list[str] = []
        page.on("request", lambda request: posts.append(request.url) if request.url.endswith("/messages") else None)
        relay.fault = Fault.HALF_AN_ANSWER
        write(page, "once")
        eventually(lambda: page.evaluate("1") and len(posts) == 2)
        expect(message(page, "once")).to_have_count(1)
        expect(log(page).get_by_text("Sending…")).to_have_count(0)
        assert len(ids(page)) == 1
        assert alice.history(room["id"]) == ["once"]


def test_what_waits_behind_a_message_whose_answer_makes_no_sense_is_sent(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    visitor = visits.of(alice)
    page = in_room(visitor, room)
    visitor.context.route(POSTS, lambda route: route.fulfill(status=201, content_type="application/json", body="null"))
    write(page, "one")
    expect(message(page, "one").get_by_role("alert")).to_contain_text("Not sent. It may have got through")
    visitor.context.unroute(POSTS)
    write(page, "two")
    eventually(lambda: alice.history(room["id"]) == ["two"])
    assert len(visitor.complaints) == 1
    visitor.complaints.clear()


# What was read


def test_what_could_not_be_marked_as_read_is_tried_again(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    visitor = visits.of(alice)
    visitor.bears_failures = True
    tried: list[str] = []

    def fail_once(route: Route) -> None:
        tried.append(route.request.url)
        if len(tried) > 1:
            route.continue_()
        else:
            route.fulfill(status=503, body="<html>")

    visitor.context.route(READS, fail_once)
    page = in_room(visitor, room)
    bob.post(room["id"], "hello")
    is_shown(page, "hello")
    eventually(lambda: page.evaluate("1") and unread_of(alice, room) == 0)
    assert len(tried) == 2


def test_what_was_seen_for_a_moment_only_is_read_everywhere(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    other = alice.create_room("study")
    page = talking(visits, alice, room)
    page.evaluate(LEAVE, ["a quick word", f"/r/{other['id']}"])
    bob.post(room["id"], "a quick word")
    expect(page.get_by_role("heading", level=1, name=other["name"])).to_be_visible()
    eventually(lambda: unread_of(alice, room) == 0)


# What happens while history is on its way


def test_what_is_deleted_while_older_messages_are_on_their_way_is_gone(
    visits: Visits, alice: Person, bob: Person, room: dict[str, Any]
) -> None:
    said = much_is_said(bob, room)
    visitor = visits.of(alice)
    assert alice.http.put(f"/api/v1/room/{room['id']}/read", json={"id": said[-1]}).status_code == 204
    held = holding(visitor.context, "**/messages?before=*")
    page = visitor.open(f"/r/{room['id']}")
    is_shown(page, f"this is number {MUCH - 1}")
    log(page).evaluate("log => log.scrollTop = 0")
    is_held(page, held)
    older = held[0].fetch()
    gone = older.json()["messages"][0]["id"]
    assert bob.http.delete(f"/api/v1/message/{gone}").status_code == 204
    afterwards(page, alice, bob)
    held[0].fulfill(response=older)
    expect(page.locator(f"[data-id='{gone}']")).to_contain_text("This message was deleted.")


def test_what_is_said_while_two_pages_cross_is_shown(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    said = much_is_said(bob, room)
    visitor = visits.of(alice)
    held = holding(visitor.context, "**/messages?after=*")
    page = visitor.open(f"/r/{room['id']}/{said[10]}")
    expect(page.locator(f"[data-id='{said[10]}']")).to_be_focused()
    log(page).evaluate("log => log.scrollTop = log.scrollHeight")
    is_held(page, held)
    page.get_by_role("button", name="Jump to the newest").click()
    is_shown(page, f"this is number {MUCH - 1}")
    bob.post(room["id"], "did you see that?")
    afterwards(page, alice, bob)
    held[0].continue_()
    is_shown(page, "did you see that?")


# The same words twice


def test_the_second_of_two_equal_messages_stays_while_it_is_on_its_way(
    visits: Visits, alice: Person, bob: Person, room: dict[str, Any]
) -> None:
    visitor = visits.of(alice)
    page = in_room(visitor, room)
    write(page, "ping")
    expect(log(page).get_by_text("Sending…")).to_have_count(0)
    eventually(lambda: alice.history(room["id"]) == ["ping"])
    first = alice.http.get(f"/api/v1/room/{room['id']}/messages").json()["messages"][0]
    held = holding(visitor.context, POSTS)
    write(page, "ping")
    expect(log(page).get_by_text("Sending…")).to_have_count(1)
    visitor.visit("/api/v1/docs").evaluate(SAY, [alice.id, {"room": {"id": room["id"]}, **first}])  # its event is late
    bob.post(room["id"], "pong")
    is_shown(page, "pong")
    expect(message(page, "ping")).to_have_count(2)
    expect(log(page).get_by_text("Sending…")).to_have_count(1)
    held[0].continue_()
    expect(log(page).get_by_text("Sending…")).to_have_count(0)
    expect(message(page, "ping")).to_have_count(2)


def test_the_same_words_from_another_device_are_another_message(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    visitor = visits.of(alice)
    page = in_room(visitor, room)
    held = holding(visitor.context, POSTS)
    write(page, "ping")
    is_held(page, held)
    other = alice.post(room["id"], "ping")
    expect(log(page).get_by_text("Sending…")).to_have_count(0)
    held[0].fulfill(status=201, json={**other, "id": other["id"] + 1})  # the event of this one is late
    expect(message(page, "ping")).to_have_count(2)
    assert len(set(keys(page))) == 2


def test_a_message_that_fails_when_the_same_words_came_stands_beside_them(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    visitor = visits.of(alice)
    visitor.bears_failures = True
    page = in_room(visitor, room)
    held = holding(visitor.context, POSTS)
    write(page, "ping")
    is_held(page, held)
    alice.post(room["id"], "ping")
    expect(log(page).get_by_text("Sending…")).to_have_count(0)
    held[0].fulfill(status=503, body="<html>")
    expect(message(page, "ping").get_by_role("alert")).to_have_count(1)
    expect(message(page, "ping")).to_have_count(2)
    assert len(set(keys(page))) == 2


def test_the_same_words_again_are_told_again_to_who_hears_the_page(
    visits: Visits, alice: Person, bob: Person, room: dict[str, Any]
) -> None:
    page = talking(visits, alice, room)
    bob.post(room["id"], "hello")
    told = page.get_by_role("status").filter(has_text=f"{bob.name}: hello")
    told.evaluate("told => { window.before = told.firstChild; }")
    bob.post(room["id"], "hello")
    eventually(lambda: told.evaluate("told => told.firstChild !== window.before"))


# Elsewhere


def test_a_message_that_fails_in_a_room_one_has_left_is_told(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    other = alice.create_room("study")
    visitor = visits.of(alice)
    visitor.bears_failures = True
    page = in_room(visitor, room)
    held = holding(visitor.context, POSTS)
    write(page, "one more thing")
    is_held(page, held)
    entry(page, other["name"]).click()
    expect(page.get_by_role("heading", level=1, name=other["name"])).to_be_visible()
    held[0].fulfill(status=503, body="<html>")
    toast = page.get_by_role("status").filter(has_text=f"What you wrote in {room['name']} was not sent.")
    press(page, "Show", toast)
    expect(message(page, "one more thing").get_by_role("alert")).to_contain_text("Not sent.")
    expect(box(page)).to_be_visible()
