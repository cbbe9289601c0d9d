"""The composer: sending, failures and retries, drafts, completion, replies, edits, deletions and reactions."""

from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

from tests.harness.browser import SHOWN_MS, Visits
from tests.harness.deadline import eventually
from tests.harness.fault_relay import Fault, FaultRelay
from tests.harness.held_requests import refuse
from tests.harness.page_parts import PHONE, dialog, entry, in_room, press
from tests.harness.people import Person
from tests.harness.room_page import box, is_shown, log, message, talking, use, write
from tests.harness.server import Server

POSTS = "**/api/v1/room/*/messages"
LONGEST = 16 * 1024


def offers(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Suggestions")


# What is not sent


def test_nothing_but_blanks_is_not_sent(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    page = talking(visits, alice, room)
    write(page, " \n ")
    write(page, "something")
    eventually(lambda: alice.history(room["id"]) == ["something"])


def test_what_is_too_long_is_told_and_kept(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    page = talking(visits, alice, room)
    write(page, "é" * (LONGEST // 2 + 5))
    expect(page.get_by_role("alert").filter(has_text="too long by 10")).to_be_visible()
    expect(box(page)).not_to_have_value("")
    write(page, "é" * (LONGEST // 2))
    expect(box(page)).to_have_value("")
    eventually(lambda: [len(text) for text in alice.history(room["id"])] == [LONGEST // 2])


def test_a_key_of_an_input_method_sends_nothing(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    page = talking(visits, alice, room)
    box(page).fill("にほん")
    for how in ({"isComposing": True}, {"keyCode": 229}):
        box(page).dispatch_event("keydown", {"key": "Enter", **how})
    expect(box(page)).to_have_value("にほん")
    box(page).press("Enter")
    eventually(lambda: alice.history(room["id"]) == ["にほん"])


def test_a_message_that_is_refused_says_why_and_is_discarded(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    visitor = visits.of(alice)
    visitor.bears_failures = True
    page = in_room(visitor, room)
    visitor.context.route(POSTS, lambda route: refuse(route, 403, "only members post here"))
    write(page, "let me in")
    alert = message(page, "let me in").get_by_role("alert")
    expect(alert).to_contain_text("Not sent. Only members post here.")
    expect(alert.get_by_role("button", name="Retry")).to_have_count(0)
    press(page, "Discard", alert)
    expect(message(page, "let me in")).to_have_count(0)


def test_a_message_that_fails_without_a_network_is_sent_by_retry(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    visitor = visits.of(alice)
    visitor.bears_failures = True
    page = in_room(visitor, room)
    visitor.context.route(POSTS, lambda route: route.abort())
    write(page, "hello")
    alert = message(page, "hello").get_by_role("alert")
    expect(alert).to_contain_text("Not sent.")
    visitor.context.unroute(POSTS)
    press(page, "Retry", alert)
    expect(alert).to_have_count(0)
    eventually(lambda: alice.history(room["id"]) == ["hello"])
    expect(message(page, "hello")).to_have_count(1)
    expect(log(page).get_by_text("Sending…")).to_have_count(0)


def test_what_is_written_without_a_network_is_sent_in_its_order_when_it_is_back(
    visits: Visits, alice: Person, room: dict[str, Any]
) -> None:
    visitor = visits.of(alice)
    visitor.bears_failures = True
    page = in_room(visitor, room)
    visitor.context.set_offline(True)
    for text in ("one", "two"):
        write(page, text)
        expect(message(page, text).get_by_role("alert")).to_contain_text("Not sent. It will be when the connection is back.")
    visitor.context.set_offline(False)
    eventually(lambda: alice.history(room["id"]) == ["one", "two"], SHOWN_MS / 1000)
    expect(log(page).get_by_role("alert")).to_have_count(0)


def test_a_retry_after_an_answer_that_was_lost_posts_nothing_twice(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    visitor = visits.of(alice)
    visitor.bears_failures = True
    page = in_room(visitor, room)
    keys: list[str] = []

    def lose(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        assert route.fetch().status in (200, 201)
        refuse(route, 502)

    visitor.context.route(POSTS, lose)
    write(page, "once")
    alert = message(page, "once").get_by_role("alert")
    press(page, "Retry", alert)
    eventually(lambda: page.evaluate("1") and len(keys) == 2)
    expect(alert.get_by_role("button", name="Retry")).to_be_visible()
    visitor.context.unroute(POSTS)
    press(page, "Retry", alert)
    expect(alert).to_have_count(0)
    expect(log(page).get_by_text("Sending…")).to_have_count(0)
    expect(message(page, "once")).to_have_count(1)
    assert len(set(keys)) == 1
    assert alice.history(room["id"]) == ["once"]


def test_an_answer_that_the_network_lost_is_asked_for_again(visits: Visits, server: Server, alice: Person, room: dict[str, Any]) -> None:
    with FaultRelay(server.port) as relay:
        visitor = visits.of(alice, url=relay.url)
        visitor.bears_failures = True
        page = in_room(visitor, room)
        with page.expect_response("**/typing"):
            box(page).fill("once")
        relay.fault = Fault.ONE_ANSWER
        box(page).press("Enter")
        eventually(lambda: relay.fault is Fault.NONE)
        expect(log(page).get_by_text("Sending…")).to_have_count(0)
        expect(message(page, "once")).to_have_count(1)
        expect(log(page).get_by_role("alert")).to_have_count(0)
        assert alice.history(room["id"]) == ["once"]


def test_what_was_not_confirmed_is_still_there_after_a_reload(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    visitor = visits.of(alice)
    visitor.bears_failures = True
    page = in_room(visitor, room)
    visitor.context.route(POSTS, lambda route: refuse(route, 503))
    write(page, "do not lose this")
    expect(message(page, "do not lose this").get_by_role("alert")).to_be_visible()
    page.reload()
    visitor.context.unroute(POSTS)
    press(page, "Retry", message(page, "do not lose this"))
    eventually(lambda: alice.history(room["id"]) == ["do not lose this"])


# What is sent


def test_a_message_stands_there_at_once_and_is_confirmed(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    visitor = visits.of(alice)
    page = in_room(visitor, room)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    visitor.context.route(POSTS, hold)
    write(page, "on its way")
    expect(message(page, "on its way")).to_contain_text("Sending…")
    assert alice.history(room["id"]) == []
    held[0].continue_()
    expect(log(page).get_by_text("Sending…")).to_have_count(0)
    is_shown(talking(visits, bob, room), "on its way")
    assert alice.history(room["id"]) == ["on its way"]


def test_messages_sent_in_a_hurry_keep_their_order(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    page = talking(visits, alice, room)
    for number in range(20):
        write(page, f"number {number}")
    eventually(lambda: alice.history(room["id"]) == [f"number {number}" for number in range(20)])
    expect(log(page).get_by_text("Sending…")).to_have_count(0)
    expect(log(page).get_by_role("article")).to_have_count(20)


def test_enter_sends_and_shift_enter_breaks(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    page = talking(visits, alice, room)
    expect(box(page)).to_be_focused()
    page.keyboard.type("one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    page.keyboard.press("Enter")
    eventually(lambda: alice.history(room["id"]) == ["one\ntwo"])
    expect(box(page)).to_have_value("")


def test_a_draft_is_kept_by_room_and_over_a_reload(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    other = alice.create_room("other")
    page = talking(visits, alice, room)
    box(page).fill("half a thought")
    page.get_by_role("navigation", name="Rooms").get_by_role("link").filter(has_text=other["name"]).click()
    expect(page.get_by_role("heading", level=1, name=other["name"])).to_be_visible()
    expect(box(page)).to_have_value("")
    page.goto(page.url.rsplit("/", 1)[0] + f"/{room['id']}")
    expect(box(page)).to_have_value("half a thought")
    box(page).press("Enter")
    is_shown(page, "half a thought")
    page.reload()
    expect(box(page)).to_have_value("")


def test_bob_sees_that_alice_is_typing(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    hers, his = talking(visits, alice, room), talking(visits, bob, room)
    told: list[str] = []
    hers.on("request", lambda request: told.append(request.url) if request.url.endswith("/typing") else None)
    box(hers).press_sequentially("hel")
    expect(his.get_by_text(f"{alice.name} is typing…")).to_be_visible()
    assert len(told) == 1
    write(hers, "hello")
    is_shown(his, "hello")
    expect(his.get_by_text(f"{alice.name} is typing…")).to_have_count(0)


# Completion


def test_a_mention_is_completed_from_the_members(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    page = talking(visits, alice, room)
    box(page).press_sequentially("hi @bo")
    option = offers(page).get_by_role("option", name=bob.name)
    expect(option).to_have_attribute("aria-selected", "true")
    expect(box(page)).to_have_attribute("aria-activedescendant", option.get_attribute("id") or "none")
    box(page).press("Enter")
    expect(box(page)).to_have_value(f"hi @{bob.name} ")
    expect(offers(page)).to_have_count(0)
    box(page).press("Enter")
    expect(log(page).get_by_text(f"@{bob.name}", exact=True)).to_have_class("mention")


def test_an_emoji_is_chosen_with_the_arrow_keys_and_escape_offers_nothing(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    page = talking(visits, alice, room)
    box(page).press_sequentially("so :rock")
    expect(offers(page)).to_be_visible()
    box(page).press("Escape")
    expect(offers(page)).to_have_count(0)
    box(page).press_sequentially("e")
    box(page).press("ArrowDown")
    box(page).press("ArrowUp")
    box(page).press("Tab")
    expect(box(page)).to_have_value("so 🚀 ")


def test_enter_sends_a_name_that_was_typed_in_full(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    page = talking(visits, alice, room)
    box(page).press_sequentially(f"hi @{bob.name}")
    expect(offers(page).get_by_role("option", name=bob.name)).to_have_attribute("aria-selected", "true")
    box(page).press("Enter")
    expect(box(page)).to_have_value("")
    eventually(lambda: alice.history(room["id"]) == [f"hi @{bob.name}"])


def test_the_emoji_of_that_very_name_is_the_first(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    page = talking(visits, alice, room)
    press(page, "Insert an emoji")
    field = dialog(page).get_by_role("searchbox", name="Find an emoji")
    field.fill("heart")
    field.press("Enter")
    expect(box(page)).to_have_value("❤️")
    box(page).press_sequentially(" :star")
    expect(offers(page).get_by_role("option").first).to_contain_text(":star:")


# Answers


def test_an_answer_quotes_what_it_answers(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    said = bob.post(room["id"], "shall **we**?")
    page = talking(visits, alice, room)
    use(page, "shall we?", "Reply")
    expect(box(page)).to_be_focused()
    write(page, "yes")
    quote = message(page, "yes").get_by_role("button", name=f"In reply to {bob.name}: shall we?")
    expect(quote).to_be_visible()
    eventually(lambda: alice.history(room["id"]) == ["shall **we**?", "yes"])
    newest = alice.http.get(f"/api/v1/room/{room['id']}/messages").json()["messages"][-1]
    assert newest["reply_to"]["id"] == said["id"]
    quote.click()
    expect(message(page, "shall we?").and_(page.locator("[data-id]:focus"))).to_have_count(1)


def test_escape_leaves_off_an_answer(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    bob.post(room["id"], "shall we?")
    page = talking(visits, alice, room)
    use(page, "shall we?", "Reply")
    expect(page.get_by_text("Replying to")).to_be_visible()
    box(page).press("Escape")
    expect(page.get_by_text("Replying to")).to_have_count(0)
    write(page, "just so")
    is_shown(page, "just so")
    expect(message(page, "just so").get_by_role("button", name="In reply to")).to_have_count(0)


# Edits and deletions


def test_what_others_said_is_not_ones_own_to_edit(visits: Visits, bob: Person, alice: Person, room: dict[str, Any]) -> None:
    alice.post(room["id"], "mine")
    page = talking(visits, bob, room)
    message(page, "mine").hover()
    expect(message(page, "mine").get_by_role("button", name="Reply")).to_be_visible()
    for tool in ("Edit", "Delete"):
        expect(message(page, "mine").get_by_role("button", name=tool)).to_have_count(0)
    box(page).press("ArrowUp")
    expect(box(page)).to_have_value("")


def test_up_edits_the_last_of_ones_own_and_the_draft_comes_back(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    hers, his = talking(visits, alice, room), talking(visits, bob, room)
    write(hers, "helo")
    is_shown(his, "helo")
    bob.post(room["id"], "hm?")
    is_shown(hers, "hm?")
    box(hers).press("ArrowUp")
    expect(box(hers)).to_have_value("helo")
    write(hers, "hello")
    is_shown(his, "hello")
    expect(message(his, "hello")).to_contain_text("edited")
    expect(box(hers)).to_have_value("")


def test_escape_leaves_off_an_edit(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    page = talking(visits, alice, room)
    write(page, "as it was")
    is_shown(page, "as it was")
    box(page).fill("a draft")
    use(page, "as it was", "Edit")
    expect(box(page)).to_have_value("as it was")
    box(page).fill("as it is")
    box(page).press("Escape")
    expect(box(page)).to_have_value("a draft")
    assert alice.history(room["id"]) == ["as it was"]


def test_a_message_is_deleted_only_when_one_is_sure(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    said = bob.post(room["id"], "not so good")
    hers, his = talking(visits, alice, room), talking(visits, bob, room)
    use(his, "not so good", "Delete")
    press(his, "Keep", dialog(his))
    is_shown(hers, "not so good")
    use(his, "not so good", "Delete")
    press(his, "Delete", dialog(his))
    for page in (hers, his):
        expect(log(page)).to_contain_text("This message was deleted.")
    assert alice.http.get(f"/api/v1/message/{said['id']}").json()["text"] == ""


def test_the_owner_of_a_room_deletes_what_others_said(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    bob.post(room["id"], "advertising")
    page = talking(visits, alice, room)
    use(page, "advertising", "Delete")
    press(page, "Delete", dialog(page))
    expect(log(page)).to_contain_text("This message was deleted.")


# Reactions


def test_a_reaction_is_seen_by_both_and_taken_back(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    bob.post(room["id"], "we did it")
    hers, his = talking(visits, alice, room), talking(visits, bob, room)
    use(hers, "we did it", "React")
    dialog(hers).get_by_role("searchbox", name="Find an emoji").fill("tada")
    press(hers, "tada", dialog(hers))
    chip = message(his, "we did it").get_by_role("button", name=f"tada, 1: {alice.name}")
    expect(chip).to_have_attribute("aria-pressed", "false")
    chip.click()
    mine = message(hers, "we did it").get_by_role("button", name=f"tada, 2: you, {bob.name}")
    expect(mine).to_have_attribute("aria-pressed", "true")
    mine.click()
    expect(message(his, "we did it").get_by_role("button", name="tada, 1: you")).to_have_attribute("aria-pressed", "true")


def test_a_reaction_that_is_refused_is_undone(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    bob.post(room["id"], "we did it")
    visitor = visits.of(alice)
    visitor.bears_failures = True
    page = in_room(visitor, room)
    visitor.context.route("**/reactions/*", lambda route: refuse(route, 400, "that many"))
    use(page, "we did it", "React")
    press(page, "fire", dialog(page))
    expect(page.get_by_text("That reaction was refused: that many")).to_be_visible()
    expect(message(page, "we did it").get_by_role("button", name="fire")).to_have_count(0)


# A phone


def tap(page: Page, text: str, x: int) -> None:
    """Touches that message, x pixels from the left."""
    place = message(page, text).bounding_box()
    assert place
    page.touchscreen.tap(x, place["y"] + place["height"] / 2)


def test_a_tap_shows_what_a_message_offers_and_presses_none_of_it(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    for number in range(8):
        alice.post(room["id"], f"number {number}")
    page = talking(visits, alice, room, **PHONE)
    tools = log(page).get_by_role("group", name="What to do with this message")
    for x in (40, 110, 195, 290, 330, 360):
        tap(page, "number 6", x)
        expect(tools).to_be_visible()
        for begun in (
            dialog(page),
            page.get_by_text("Replying to"),
            page.get_by_text("Editing your message"),
            page.get_by_text("link is copied"),
        ):
            expect(begun).to_have_count(0)
        box(page).tap()
        expect(tools).to_have_count(0)
    tap(page, "number 6", 195)
    message(page, "number 6").get_by_role("button", name="Reply").tap()
    expect(page.get_by_text("Replying to")).to_be_visible()
    expect(tools).to_have_count(0)


def test_a_room_that_one_comes_back_to_shows_no_tools(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    alice.post(room["id"], "hello")
    page = talking(visits, alice, alice.create_room("other"), **PHONE)
    page.get_by_role("button", name="Rooms").tap()
    entry(page, room["name"]).tap()
    tools = log(page).get_by_role("group", name="What to do with this message")
    is_shown(page, "hello")
    expect(tools).to_have_count(0)
    tap(page, "hello", 110)
    expect(tools).to_be_visible()
    page.go_back()
    expect(message(page, "hello")).to_have_count(0)
    page.go_forward()
    is_shown(page, "hello")
    expect(tools).to_have_count(0)


def test_a_long_name_of_a_room_makes_nothing_wider_or_higher(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    page = talking(visits, alice, room, **PHONE)
    height = box(page).evaluate("box => box.offsetHeight")
    long = alice.create_room("W" * 60)
    page = talking(visits, alice, long, **PHONE)
    expect(log(page)).to_contain_text("This is the beginning of")
    assert log(page).evaluate("log => log.scrollWidth - log.clientWidth") == 0
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["viewport"]["width"]
    assert box(page).evaluate("box => box.offsetHeight") == height


# A wide screen


def test_the_lines_of_a_text_are_no_longer_than_one_reads(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    alice.post(room["id"], "word " * 200)
    page = talking(visits, alice, room, viewport={"width": 1920, "height": 1080})
    text = log(page).get_by_text("word word")
    assert text.evaluate("text => text.offsetWidth / parseFloat(getComputedStyle(document.documentElement).fontSize)") <= 46


# Direct


def test_a_conversation_is_written_as_a_room_is(visits: Visits, alice: Person, bob: Person) -> None:
    room = alice.write_to(bob.id, "hello bob")["room"]
    page = visits.of(bob).open(f"/r/{room['id']}")
    is_shown(page, "hello bob")
    write(page, "hello alice")
    eventually(lambda: bob.history(room["id"]) == ["hello bob", "hello alice"])
