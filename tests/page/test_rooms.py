"""Rooms on the page: made, found, joined by an invitation, left and ended; what is unread in them, and when they end."""

import re

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from tests.harness.browser import Visits
from tests.harness.deadline import eventually
from tests.harness.page_parts import dialog, entry, in_room, members, press, show_members, sidebar
from tests.harness.people import PASSWORD, Person, unique
from tests.harness.rooms import join

TO_THE_SECOND = re.compile(r"^ends in \d:\d\d$")


def make_room(page: Page, name: str, **choices: str) -> None:
    """By the dialog; `kind` and `lasts` are the choices' titles."""
    press(page, "Make a room", sidebar(page))
    dialog(page).get_by_label("Name").fill(name)
    for title in choices.values():
        dialog(page).get_by_role("radio", name=title).check()
    press(page, "Make the room")


def invitation(page: Page) -> str:
    """The link that the dialog shows."""
    return dialog(page).get_by_label("Link", exact=True).input_value()


def test_a_room_with_a_name_that_is_taken_is_refused_at_the_name(visits: Visits, alice: Person) -> None:
    visitor = visits.of(alice)
    visitor.bears_failures = True
    page = visitor.open()
    make_room(page, alice.create_room("lounge")["name"])
    expect(dialog(page).get_by_label("Name")).to_have_accessible_description("Name is taken.")
    expect(dialog(page).get_by_label("Name")).to_be_focused()


def test_a_room_for_more_than_a_day_is_refused_at_its_hours(visits: Visits, alice: Person) -> None:
    visitor = visits.of(alice)
    visitor.bears_failures = True
    page = visitor.open()
    press(page, "Make a room", sidebar(page))
    dialog(page).get_by_label("Name").fill(unique("long"))
    dialog(page).get_by_role("radio", name="For some hours").check()
    dialog(page).get_by_role("spinbutton", name="Hours").fill("30")
    press(page, "Make the room")
    expect(dialog(page).get_by_role("spinbutton", name="Hours")).to_have_accessible_description(re.compile("at most 24"))


def test_a_room_for_less_than_one_member_is_told_what_it_must_be(visits: Visits, alice: Person) -> None:
    visitor = visits.of(alice)
    visitor.bears_failures = True
    page = visitor.open()
    press(page, "Make a room", sidebar(page))
    dialog(page).get_by_label("Name").fill(unique("empty"))
    most = dialog(page).get_by_label("Members at most")
    most.fill("0")
    press(page, "Make the room")
    expect(most).to_have_accessible_description(re.compile("^Members at most must be a whole number"))


def test_an_invitation_that_is_wrong_says_so(visits: Visits, alice: Person, bob: Person) -> None:
    room = bob.create_room("secret", kind="closed")
    visitor = visits.of(alice)
    visitor.bears_failures = True
    page = visitor.visit(f"/join/{room['id']}-nothing")
    expect(page.get_by_role("alert")).to_have_text("This invitation is no longer good. Ask for a new one.")


def test_a_closed_room_is_nothing_to_a_stranger(visits: Visits, alice: Person, bob: Person) -> None:
    room = alice.create_room("secret", kind="closed")
    visitor = visits.of(bob)
    visitor.bears_failures = True
    page = visitor.visit(f"/r/{room['id']}")
    expect(page.get_by_role("alert")).to_have_text("There is no such room, or it is not for you.")


def test_whoever_makes_a_room_stands_in_it(visits: Visits, alice: Person) -> None:
    page, name = visits.of(alice).open(), unique("lounge")
    make_room(page, name)
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    expect(entry(page, name)).to_have_attribute("aria-current", "page")


def test_the_invitation_to_a_closed_room_is_a_link_and_a_qr_code(visits: Visits, alice: Person) -> None:
    page = visits.of(alice).open()
    make_room(page, unique("secret"), kind="Closed")
    expect(dialog(page).get_by_label("Link", exact=True)).to_have_value(re.compile(r"^http://[^/]+/join/\d+-\S+$"))
    expect(dialog(page).get_by_role("img", name="The link as a QR code")).to_be_visible()


def test_a_room_stays_closed_when_how_long_it_lasts_is_chosen_after_it(visits: Visits, alice: Person) -> None:
    page, name = visits.of(alice).open(), unique("secret")
    make_room(page, name, kind="Closed", lasts="For some hours")
    expect(dialog(page).get_by_label("Link", exact=True)).to_have_value(re.compile("/join/"))
    expect(entry(page, name)).to_have_accessible_name(re.compile("closed"))
    page.keyboard.press("Escape")
    expect(page.get_by_role("main").get_by_title("Closed:")).to_be_visible()
    assert [room["kind"] for room in alice.http.get("/api/v1/rooms", params={"name": name}).json()] == ["closed"]


def test_a_room_stays_closed_when_a_field_was_wrong_at_first(visits: Visits, alice: Person) -> None:
    visitor = visits.of(alice)
    visitor.bears_failures = True
    page, name = visitor.open(), unique("secret")
    make_room(page, "", kind="Closed")
    expect(dialog(page).get_by_label("Name")).to_have_attribute("aria-invalid", "true")
    expect(dialog(page).get_by_role("radio", name="Closed")).to_be_checked()
    dialog(page).get_by_label("Name").fill(name)
    press(page, "Make the room")
    expect(dialog(page).get_by_label("Link", exact=True)).to_have_value(re.compile("/join/"))


def test_bob_comes_in_by_the_invitation_of_alice(visits: Visits, alice: Person, bob: Person) -> None:
    page, name = visits.of(alice).open(), unique("secret")
    make_room(page, name, kind="Closed")
    link = invitation(page)
    bobs = visits.of(bob).visit(link.removeprefix(visits.of().url))
    expect(bobs.get_by_role("heading", level=1, name=name)).to_be_visible()


def test_whoever_follows_an_invitation_may_make_an_account_first(visits: Visits, alice: Person) -> None:
    room = alice.create_room("secret", kind="closed")
    visitor = visits.of()
    visitor.bears_failures = True
    page, name = visitor.visit(f"/join/{room['invite_key']}"), unique("carol")
    expect(page.get_by_text("You are invited to a room.")).to_be_visible()
    press(page, "Make an account")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Make an account")
    expect(page.get_by_role("heading", level=1, name=room["name"])).to_be_visible()


def test_a_new_invitation_ends_the_one_before(visits: Visits, alice: Person, bob: Person) -> None:
    room = alice.create_room("secret", kind="closed")
    page = in_room(visits.of(alice), room)
    press(page, "Invite")
    press(page, "Make a new invitation")
    expect(dialog(page).get_by_label("Link", exact=True)).to_have_value(re.compile("/join/"))
    new = invitation(page).rpartition("/")[2]
    old_answer = bob.http.post(f"/api/v1/room/{room['id']}/members", json={"invite_key": room["invite_key"]})
    assert (new != room["invite_key"], old_answer.status_code) == (True, 404)
    assert bob.http.post(f"/api/v1/room/{room['id']}/members", json={"invite_key": new}).status_code == 204


def test_an_open_room_is_found_by_its_name_and_joined(visits: Visits, alice: Person, bob: Person) -> None:
    room = alice.create_room("garden")
    page = visits.of(bob).open()
    press(page, "Find a room", sidebar(page))
    dialog(page).get_by_role("searchbox").fill(room["name"])
    dialog(page).get_by_role("button", name=room["name"]).click()
    expect(entry(page, room["name"])).to_have_attribute("aria-current", "page")
    assert bob.name in [member["user"]["name"] for member in alice.http.get(f"/api/v1/room/{room['id']}/members").json()]


def test_what_is_said_elsewhere_is_counted_and_a_mention_is_marked(visits: Visits, alice: Person, bob: Person) -> None:
    room, other = alice.create_room("quiet"), alice.create_room("busy")
    bob.http.post(f"/api/v1/room/{other['id']}/members")
    page = in_room(visits.of(bob), room)
    alice.post(other["id"], "hello")
    expect(entry(page, other["name"])).to_have_accessible_name(re.compile(r"1 unread$"))
    alice.post(other["id"], f"are you there, @{bob.name}?")
    expect(entry(page, other["name"])).to_have_accessible_name(re.compile(r"2 unread, 1 mention you$"))


def test_an_unread_message_of_a_conversation_that_is_deleted_is_not_counted(visits: Visits, alice: Person, bob: Person) -> None:
    alice.write_to(bob.id, "lunch?")
    page = visits.of(bob).open()
    wrong = alice.write_to(bob.id, "dinner?")
    expect(entry(page, alice.name)).to_have_accessible_name(re.compile(r"2 unread$"))
    assert alice.http.delete(f"/api/v1/message/{wrong['id']}").status_code in (200, 204)
    expect(entry(page, alice.name)).to_have_accessible_name(re.compile(r"1 unread$"))


def test_what_is_said_while_the_unread_are_counted_anew_is_counted_too(visits: Visits, alice: Person, bob: Person) -> None:
    room = alice.create_room("busy")
    join(bob, room)
    page = visits.of(bob).open()
    wrong = alice.post(room["id"], "hello")
    expect(entry(page, room["name"])).to_have_accessible_name(re.compile(r"1 unread$"))
    answers: list[tuple[Route, APIResponse]] = []
    page.route(f"**/api/v1/room/{room['id']}", lambda route: answers.append((route, route.fetch())), times=1)
    with page.expect_request(f"**/api/v1/room/{room['id']}"):
        alice.http.delete(f"/api/v1/message/{wrong['id']}")
    eventually(lambda: page.title() and answers)
    for text in ("are", "you", "there?"):
        alice.post(room["id"], text)
    expect(entry(page, room["name"])).to_have_accessible_name(re.compile(r"4 unread$"))
    route, answer = answers[0]
    route.fulfill(response=answer)
    expect(entry(page, room["name"])).to_have_accessible_name(re.compile(r"3 unread$"))


def test_a_room_that_is_opened_is_read(visits: Visits, alice: Person, bob: Person) -> None:
    room, other = alice.create_room("quiet"), alice.create_room("busy")
    bob.http.post(f"/api/v1/room/{other['id']}/members")
    page = in_room(visits.of(bob), room)
    alice.post(other["id"], "hello")
    expect(entry(page, other["name"])).to_have_accessible_name(re.compile(r"1 unread$"))
    entry(page, other["name"]).click()
    expect(entry(page, other["name"])).to_have_accessible_name(other["name"])


def test_a_short_lived_room_counts_its_last_minutes_to_the_second(visits: Visits, alice: Person) -> None:
    page = in_room(visits.of(alice), alice.create_room("standup", expires_in=0.1))
    expect(page.get_by_role("timer")).to_have_text(TO_THE_SECOND)
    first = page.get_by_role("timer").inner_text()
    expect(page.get_by_role("timer")).not_to_have_text(first)


def test_a_room_that_ends_is_gone_from_the_page(visits: Visits, alice: Person, bob: Person) -> None:
    room = alice.create_room("brief")
    visitor = visits.of(bob)
    visitor.bears_failures = True
    page = in_room(visitor, room)
    alice.http.delete(f"/api/v1/room/{room['id']}")
    expect(page.get_by_role("status").get_by_text(f"{room['name']} has ended")).to_be_visible()
    expect(entry(page, room["name"])).to_have_count(0)


def test_a_changed_topic_is_seen_by_everybody(visits: Visits, alice: Person, bob: Person) -> None:
    room = alice.create_room("garden")
    page, bobs = in_room(visits.of(alice), room), in_room(visits.of(bob), room)
    press(page, "About this room")
    dialog(page).get_by_label("Topic").fill("tomatoes")
    press(page, "Save")
    expect(bobs.get_by_role("main").get_by_text("tomatoes")).to_be_visible()


def test_bob_leaves_and_the_room_leaves_his_sidebar(visits: Visits, alice: Person, bob: Person) -> None:
    room = alice.create_room("garden")
    page = in_room(visits.of(bob), room)
    press(page, "About this room")
    press(page, "Leave the room")
    press(page, f"Leave {room['name']}?")
    expect(entry(page, room["name"])).to_have_count(0)
    expect(dialog(page)).to_have_count(0)


def test_only_the_owner_is_offered_the_end_of_a_room(visits: Visits, alice: Person, bob: Person) -> None:
    page = in_room(visits.of(bob), alice.create_room("garden"))
    press(page, "About this room")
    expect(dialog(page).get_by_role("button", name="Leave the room")).to_be_visible()
    expect(dialog(page).get_by_role("button", name="End the room")).to_have_count(0)


def test_the_owner_ends_a_room_after_being_asked_once_more(visits: Visits, alice: Person) -> None:
    room = alice.create_room("garden")
    page = in_room(visits.of(alice), room)
    press(page, "About this room")
    press(page, "End the room")
    press(page, "It ends for everybody. Sure?")
    expect(entry(page, room["name"])).to_have_count(0)
    assert alice.http.get(f"/api/v1/room/{room['id']}").status_code == 410


def test_rooms_with_numbers_stand_in_their_order(visits: Visits, alice: Person) -> None:
    word = unique("room")
    names = [f"{number} {word}" for number in (1, 2, 10)]
    for name in reversed(names):
        alice.http.post("/api/v1/rooms", json={"name": name})
    page = visits.of(alice).open()
    expect(sidebar(page).get_by_role("link")).to_have_text(names)
    press(page, "Find a room", sidebar(page))
    dialog(page).get_by_role("searchbox").fill(word)
    found = dialog(page).get_by_role("listitem").filter(has_text="joined")
    expect(found.filter(has_text=re.compile("|".join(names)))).to_have_text([re.compile(f"^{name}") for name in names])


def test_the_current_room_is_in_view_in_a_long_sidebar(visits: Visits, alice: Person) -> None:
    names = [alice.create_room("room")["name"] for _ in range(12)]
    page = visits.of(alice, viewport={"width": 1000, "height": 400}).open()
    first, last = sidebar(page).get_by_role("link").first, sidebar(page).get_by_role("link").last
    expect(sidebar(page).get_by_role("link")).to_have_count(len(names))
    first.click()
    expect(last).not_to_be_in_viewport()
    page.keyboard.press("Alt+ArrowUp")
    expect(last).to_have_attribute("aria-current", "page")
    expect(last).to_be_in_viewport(ratio=1)


def test_the_members_make_room_when_the_window_narrows(visits: Visits, alice: Person) -> None:
    page = in_room(visits.of(alice, viewport={"width": 1300, "height": 800}), alice.create_room("garden"))
    expect(members(page)).to_be_visible()
    page.set_viewport_size({"width": 900, "height": 800})
    expect(members(page)).to_have_count(0)
    page.set_viewport_size({"width": 1300, "height": 800})
    expect(members(page)).to_be_visible()


def test_those_who_are_here_are_marked(visits: Visits, alice: Person, bob: Person) -> None:
    room = alice.create_room("garden")
    bob.http.post(f"/api/v1/room/{room['id']}/members")
    page = in_room(visits.of(alice), room)
    show_members(page)
    expect(members(page).get_by_role("button", name=f"{bob.name} not here")).to_be_visible()
    in_room(visits.of(bob), room)
    expect(members(page).get_by_role("button", name=re.compile(f"^{re.escape(bob.name)} here"))).to_be_visible()


@pytest.mark.parametrize("act", ["Remove", "Ban"])
def test_whoever_is_removed_or_banned_loses_the_closed_room(visits: Visits, alice: Person, bob: Person, act: str) -> None:
    room = alice.create_room("secret", kind="closed")
    bob.http.post(f"/api/v1/room/{room['id']}/members", json={"invite_key": room["invite_key"]})
    visitor = visits.of(bob)
    visitor.bears_failures = True
    page, bobs = in_room(visits.of(alice), room), in_room(visitor, room)
    show_members(page).get_by_role("button", name=bob.name).click()
    press(page, f"{act} from the room")
    press(page, f"{act} {bob.name}?")
    expect(entry(bobs, room["name"])).to_have_count(0)


def test_a_ban_is_lifted(visits: Visits, alice: Person, bob: Person) -> None:
    room = alice.create_room("garden")
    alice.http.put(f"/api/v1/room/{room['id']}/bans/{bob.id}")
    page = in_room(visits.of(alice), room)
    press(page, f"Lift the ban of {bob.name}", show_members(page))
    expect(members(page).get_by_role("button", name="Lift")).to_have_count(0)
    assert alice.http.get(f"/api/v1/room/{room['id']}/bans").json() == []
