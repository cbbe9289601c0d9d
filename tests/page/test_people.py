"""People on the page: signing up, in and out; profile, password and sessions; writing to each other, and who is typing."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.harness.browser import Visitor, Visits, await_live
from tests.harness.page_parts import dialog, entry, in_room, members, press, show_members, sidebar
from tests.harness.people import PASSWORD, Person, unique
from tests.harness.rooms import join
from tests.harness.server import Server
from tests.harness.streams import opened

ON_TOP = """said => {
    const {x, y, width, height} = said.getBoundingClientRect();
    return document.elementFromPoint(x + width / 2, y + height / 2) === said;
}"""


@pytest.fixture
def stranger(visits: Visits) -> Visitor:
    """A signed-out browser: the page gets a 401."""
    visitor = visits.of()
    visitor.bears_failures = True
    return visitor


def enter(page: Page, name: str, password: str, button: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    press(page, button)


def open_you(page: Page, person: Person) -> None:
    press(page, f"You, {person.name}", sidebar(page))


# Signing in


def test_a_name_that_is_taken_is_named_at_its_field(stranger: Visitor, alice: Person) -> None:
    page = stranger.visit()
    press(page, "Make an account")
    enter(page, alice.name, PASSWORD, "Make an account")
    expect(page.get_by_label("Name")).to_have_accessible_description(re.compile("^Name is taken."))
    expect(page.get_by_label("Name")).to_be_focused()


def test_a_password_that_is_too_short_is_named_at_its_field(stranger: Visitor) -> None:
    page = stranger.visit()
    press(page, "Make an account")
    enter(page, unique("carol"), "short", "Make an account")
    expect(page.get_by_label("Password", exact=True)).to_have_accessible_description(re.compile("^Password must have 8 to 200 characters."))


def test_a_wrong_password_is_said_where_it_was_typed(stranger: Visitor, alice: Person) -> None:
    page = stranger.visit()
    enter(page, alice.name, "wrong horse battery staple", "Sign in")
    expect(page.get_by_label("Password", exact=True)).to_have_accessible_description("The name or the password is wrong.")


def test_a_stranger_makes_an_account_and_is_welcomed(stranger: Visitor) -> None:
    page, name = stranger.visit(), unique("carol")
    press(page, "Make an account")
    enter(page, name, PASSWORD, "Make an account")
    expect(page.get_by_role("heading", name=f"Welcome, {name}")).to_be_visible()


def test_the_name_stays_and_the_first_empty_field_is_next(stranger: Visitor) -> None:
    page = stranger.visit()
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type("carol")
    for button in ("Make an account", "Sign in"):
        page.locator(".other").get_by_role("button", name=button).click()
        expect(page.get_by_role("heading", name=button)).to_be_visible()
        expect(page.get_by_label("Name")).to_have_value("carol")
        expect(page.get_by_label("Password", exact=True)).to_be_focused()


def test_whoever_signs_in_comes_to_the_room_of_the_address(stranger: Visitor, alice: Person) -> None:
    room = alice.create_room("lounge")
    page = stranger.visit(f"/r/{room['id']}")
    enter(page, alice.name, PASSWORD, "Sign in")
    expect(page.get_by_role("heading", level=1, name=room["name"])).to_be_visible()


def test_signing_out_ends_all_tabs(visits: Visits, alice: Person) -> None:
    visitor = visits.of(alice)
    visitor.bears_failures = True
    page, other = visitor.open(), visitor.open()
    open_you(page, alice)
    press(page, "Sign out")
    for tab in (page, other):
        expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_label("Name")).to_be_focused()


# Oneself


def test_what_alice_says_about_herself_is_read_by_bob(visits: Visits, alice: Person, bob: Person) -> None:
    room = alice.create_room("lounge")
    page, bobs = visits.of(alice).open(), in_room(visits.of(bob), room)
    open_you(page, alice)
    dialog(page).get_by_label("About you").fill("Keeps bees.")
    dialog(page).get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").get_by_text("Saved")).to_be_visible()
    show_members(bobs).get_by_role("button", name=alice.name).first.click()
    expect(dialog(bobs).get_by_text("Keeps bees.")).to_be_visible()


def test_what_is_said_for_a_moment_is_above_the_dialog_and_is_dismissed(visits: Visits, alice: Person) -> None:
    page = visits.of(alice).open()
    open_you(page, alice)
    dialog(page).get_by_role("button", name="Save").click()
    said = page.get_by_text("Saved", exact=True)
    expect(said).to_be_visible()
    assert said.evaluate(ON_TOP)
    press(page, "Dismiss")
    expect(said).to_have_count(0)
    expect(dialog(page)).to_be_visible()


def test_what_the_service_cannot_be_asked_for_is_told(visits: Visits, alice: Person, tmp_path: Path) -> None:
    Image.new("RGB", (30, 20), "teal").save(tmp_path / "alice.png")
    alice.sign_in_again()
    visitor = visits.of(alice)
    visitor.bears_failures = True
    page = visitor.open()
    open_you(page, alice)
    dialog(page).get_by_label("Choose a picture").set_input_files(tmp_path / "alice.png")
    expect(dialog(page).get_by_label("Another picture")).to_be_attached()
    press(page, "End", dialog(page))
    visitor.context.route("**/api/v1/**", lambda route: route.abort() if route.request.method == "DELETE" else route.continue_())
    for button in ("Sure?", "Remove it", "Sign out"):
        press(page, button)
        expect(dialog(page).get_by_text("The service cannot be reached just now.")).to_be_visible()
        press(page, "Dismiss")
    expect(dialog(page)).to_be_visible()


def test_a_profile_that_is_saved_begins_no_other_stream(visits: Visits, alice: Person, bob: Person) -> None:
    """A typing signal that came after the page had loaded is not shown again."""
    visitor, room = visits.of(alice), alice.create_room("lounge")
    page = in_room(visitor, room)
    begun: list[str] = []
    page.on("request", lambda request: begun.append(request.url) if "/subscribe" in request.url else None)
    open_you(page, alice)
    dialog(page).get_by_label("About you").fill("Keeps bees.")
    dialog(page).get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").get_by_text("Saved")).to_be_visible()
    bob.post(room["id"], "honey?")
    expect(page.get_by_role("log").get_by_text("honey?")).to_be_attached()
    assert begun == []


def test_a_picture_is_taken_and_taken_away(visits: Visits, alice: Person, tmp_path: Path) -> None:
    picture = tmp_path / "alice.png"
    Image.new("RGB", (300, 200), "teal").save(picture)
    page = visits.of(alice).open()
    open_you(page, alice)
    dialog(page).get_by_label("Choose a picture").set_input_files(picture)
    expect(dialog(page).get_by_label("Another picture")).to_be_attached()
    shown = dialog(page).locator("img")
    expect(shown).to_have_js_property("naturalWidth", 256)
    press(page, "Remove it")
    expect(shown).to_have_count(0)


def test_a_file_that_is_no_picture_is_refused_in_words(visits: Visits, alice: Person, tmp_path: Path) -> None:
    (tmp_path / "notes.png").write_text("not a picture")
    visitor = visits.of(alice)
    visitor.bears_failures = True
    page = visitor.open()
    open_you(page, alice)
    dialog(page).get_by_label("Choose a picture").set_input_files(tmp_path / "notes.png")
    expect(dialog(page).get_by_role("alert").filter(has_text=re.compile(r"\w"))).to_be_visible()


def test_the_wrong_password_does_not_change_it_and_is_named(visits: Visits, alice: Person) -> None:
    visitor = visits.of(alice)
    visitor.bears_failures = True
    page = visitor.open()
    change_password(page, alice, "not the right one", "a new horse altogether")
    expect(dialog(page).get_by_label("Password now")).to_have_accessible_description("That is not your password.")


def test_a_changed_password_ends_the_other_sessions(visits: Visits, alice: Person) -> None:
    phone = visits.of(alice.sign_in_again())
    phone.bears_failures = True
    other, page = phone.open(), visits.of(alice).open()
    change_password(page, alice, PASSWORD, "a new horse altogether")
    expect(page.get_by_role("status").get_by_text("The password is changed")).to_be_visible()
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
    enter(other, alice.name, "a new horse altogether", "Sign in")
    await_live(other)


def change_password(page: Page, person: Person, now: str, new: str) -> None:
    open_you(page, person)
    dialog(page).get_by_text("Change the password").click()
    dialog(page).get_by_label("Password now").fill(now)
    dialog(page).get_by_label("New password").fill(new)
    press(page, "Change it")


def test_alice_ends_a_session_of_hers_elsewhere(visits: Visits, alice: Person) -> None:
    phone = visits.of(alice.sign_in_again())
    phone.bears_failures = True
    other, page = phone.open(), visits.of(alice).open()
    open_you(page, alice)
    sessions = dialog(page).get_by_role("listitem")
    expect(sessions).to_have_count(2)
    press(page, "End", dialog(page))
    press(page, "Sure?", dialog(page))
    expect(sessions).to_have_count(1)
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_session_that_one_is_in_comes_first(visits: Visits, alice: Person) -> None:
    alice.sign_in_again()
    page = visits.of(alice).open()
    open_you(page, alice)
    sessions = dialog(page).get_by_role("listitem")
    expect(sessions).to_have_count(2)
    assert [session["current"] for session in alice.http.get("/api/v1/sessions").json()] == [False, True]
    expect(sessions.first).to_contain_text("this one")


def test_a_dialog_does_not_outlive_the_session_that_it_was_opened_in(visits: Visits, alice: Person) -> None:
    visitor = visits.of(alice.sign_in_again())
    visitor.bears_failures = True
    page = visitor.open()
    open_you(page, alice)
    expect(dialog(page)).to_be_visible()
    for session in alice.http.get("/api/v1/sessions").json():
        if not session["current"]:
            alice.http.delete(f"/api/v1/session/{session['id']}")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    enter(page, alice.name, PASSWORD, "Sign in")
    await_live(page)
    expect(dialog(page)).to_have_count(0)


# Each other


def test_members_are_in_the_order_of_their_names_as_people_count(visits: Visits, server: Server, alice: Person) -> None:
    room = alice.create_room("lounge")
    numbers = (10, 9, 1)
    for number in numbers:
        with Person.signed_in(server, f"Zoe{number}") as person:
            join(person, room)
    page = in_room(visits.of(alice), room)
    listed = show_members(page).get_by_role("listitem").filter(has_text="Zoe")
    expect(listed).to_have_count(len(numbers))
    assert [re.findall(r"Zoe(\d+)-", text)[0] for text in listed.all_inner_texts()] == ["1", "9", "10"]


def test_who_went_while_the_connection_was_away_is_not_here_any_more(visits: Visits, alice: Person, bob: Person) -> None:
    room = alice.create_room("lounge")
    join(bob, room)
    visitor = visits.of(alice)
    visitor.bears_failures = True
    page = in_room(visitor, room)
    show_members(page)
    with opened(bob.stream_room(room["id"])) as bobs, opened(alice.stream_room(room["id"])) as told:
        expect(members(page).get_by_role("button", name=f"{bob.name} here")).to_be_visible()
        visitor.context.set_offline(True)
        expect(page.get_by_text("Away", exact=True)).to_be_visible()
        bobs.close()
        told.until(lambda frame: frame.event == "presence" and frame.json()["user"]["id"] == bob.id and not frame.json()["present"])
    visitor.context.set_offline(False)
    expect(members(page).get_by_role("button", name=f"{bob.name} not here")).to_be_visible()


def test_who_was_seen_in_a_room_is_not_known_to_be_here_once_one_has_left_it(visits: Visits, alice: Person, bob: Person) -> None:
    bob.write_to(alice.id, "lunch?")
    room = bob.create_room("lounge")
    page = in_room(visits.of(alice), room)
    with bob.stream_room(room["id"]):
        expect(entry(page, bob.name).locator(".present")).to_be_attached()
        alice.http.delete(f"/api/v1/room/{room['id']}/members/me")
        expect(entry(page, bob.name).locator(".present")).to_have_count(0)


def test_a_first_message_begins_a_conversation_on_both_pages(visits: Visits, alice: Person, bob: Person) -> None:
    page, bobs = visits.of(alice).open(), visits.of(bob).open()
    press(page, "Write to somebody", sidebar(page))
    dialog(page).get_by_role("searchbox").fill(bob.name)
    dialog(page).get_by_role("button", name=bob.name).click()
    dialog(page).get_by_label("Message").fill("lunch?")
    dialog(page).get_by_label("Message").press("Enter")
    expect(page.get_by_role("heading", level=1, name=bob.name)).to_be_visible()
    expect(page.get_by_role("log").get_by_text("lunch?")).to_be_visible()
    expect(entry(bobs, alice.name)).to_have_accessible_name(re.compile(r"1 unread$"))


def test_whom_one_has_written_to_is_written_to_again_in_the_same_place(visits: Visits, alice: Person, bob: Person) -> None:
    alice.write_to(bob.id, "lunch?")
    page = visits.of(bob).open()
    press(page, "Write to somebody", sidebar(page))
    dialog(page).get_by_role("searchbox").fill(alice.name)
    dialog(page).get_by_role("button", name=alice.name).click()
    expect(page.get_by_role("log").get_by_text("lunch?")).to_be_visible()


def test_bob_is_seen_typing_until_his_message_comes(visits: Visits, alice: Person, bob: Person) -> None:
    room = alice.create_room("lounge")
    page, bobs = in_room(visits.of(alice), room), in_room(visits.of(bob), room)
    bobs.get_by_label("Message", exact=True).press_sequentially("soup")
    expect(page.get_by_text(f"{bob.name} is typing…")).to_be_visible()
    bobs.get_by_label("Message", exact=True).press("Enter")
    expect(page.get_by_role("log").get_by_text("soup")).to_be_visible()
    expect(page.get_by_text(f"{bob.name} is typing…")).to_have_count(0)
