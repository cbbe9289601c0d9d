"""The page's live modules in a real browser: one stream for all tabs, and every tab gets every event once, in order."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route

from tests.harness.browser import PLAIN_HOST, Visitor, Visits, await_live
from tests.harness.deadline import eventually
from tests.harness.fault_relay import Fault, FaultRelay
from tests.harness.people import PASSWORD, Person
from tests.harness.rooms import connections, say
from tests.harness.server import Server
from tests.harness.tab_listeners import TabListener, leader

TABS = 8
WITHIN_SECONDS = 30.0
SUBSCRIPTIONS = "**/api/v1/subscribe?*"


@pytest.fixture
def room(alice: Person) -> dict[str, Any]:
    return alice.create_room("lounge")


def numbered(word: str, count: int) -> list[str]:
    return [f"{word} {number}" for number in range(count)]


def all_hear(tabs: list[TabListener], texts: list[str]) -> None:
    """Each of them exactly these, in this order."""

    def heard() -> bool:
        assert [tab.texts() for tab in tabs] == [texts] * len(tabs)
        return True

    eventually(heard, WITHIN_SECONDS)
    assert all(tab.ids() == sorted(set(tab.ids())) for tab in tabs)


def live(tabs: list[TabListener], transport: str = "sse") -> list[TabListener]:
    eventually(lambda: all(tab.is_live(transport) for tab in tabs), WITHIN_SECONDS)
    return tabs


@contextmanager
def talking(url: str, room: dict[str, Any]) -> Iterator[Callable[[], list[str]]]:
    """Posts one message after the other, whatever happens to the server. The yielded function stops it and returns all texts."""
    said: list[str] = []
    stopped = threading.Event()

    def talk(person: Person) -> None:
        while not stopped.is_set():
            text = f"word-{len(said)}"
            if posted(person, room, text):
                said.append(text)
            stopped.wait(0.05)

    def finish() -> list[str]:
        stopped.set()
        thread.join()
        return said

    with Person.sign_up(url, "carol") as carol:
        thread = threading.Thread(target=talk, args=[carol])
        thread.start()
        try:
            yield finish
        finally:
            finish()


def posted(person: Person, room: dict[str, Any], text: str) -> bool:
    """Whether it was posted. A post whose response is lost is retried under its key."""
    try:
        answer = person.http.post(f"/api/v1/room/{room['id']}/messages", json={"text": text}, headers={"Idempotency-Key": text})
    except httpx.TransportError:
        return False
    assert answer.status_code in (200, 201, 503), answer.text
    return answer.status_code != 503


# One stream a browser


def test_eight_tabs_share_one_stream_and_each_hears_everything_once(
    visits: Visits, alice: Person, bob: Person, room: dict[str, Any]
) -> None:
    visitor = visits.of(alice)
    tabs = live([TabListener(visitor, alice) for _ in range(TABS)])
    said = say(bob, room, *numbered("word", 25))
    all_hear(tabs, said)
    leader(tabs)
    assert connections(bob, room) == 1


def test_each_browser_has_a_stream_of_its_own(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    tabs = live([TabListener(visits.of(alice), alice), TabListener(visits.of(alice), alice)])
    all_hear(tabs, say(bob, room, "hello"))
    assert connections(bob, room) == 2


def test_when_the_leading_tab_is_closed_another_goes_on_where_it_was(
    visits: Visits, alice: Person, bob: Person, server: Server, room: dict[str, Any]
) -> None:
    visitor = visits.of(alice)
    tabs = live([TabListener(visitor, alice) for _ in range(4)])
    with talking(server.url, room) as finish:
        for _ in range(3):
            leading = leader(tabs)
            before = len(tabs[0].texts())
            eventually(lambda before=before: len(tabs[0].texts()) > before)  # type: ignore[misc]
            leading.page.close()
            tabs.remove(leading)
            live(tabs)
        said = finish()
    all_hear(tabs, said)
    assert len(said) > 3
    eventually(lambda: connections(bob, room) == 1)


def test_a_tab_that_knows_less_than_the_leader_gets_the_rest_by_itself(
    visits: Visits, alice: Person, bob: Person, room: dict[str, Any]
) -> None:
    visitor = visits.of(alice)
    before = alice.poll("/api/v1/subscribe", wait=0)["cursor"]
    first = live([TabListener(visitor, alice)])
    said = say(bob, room, *numbered("word", 5))
    all_hear(first, said)
    late = TabListener(visitor, alice, cursor=before)
    all_hear([*first, late], said)
    all_hear([*first, late], said + say(bob, room, "and more"))
    assert connections(bob, room) == 1


def test_a_new_leader_that_knows_less_repeats_nothing_to_the_others(
    visits: Visits, alice: Person, bob: Person, room: dict[str, Any]
) -> None:
    visitor = unafraid(visits, alice)
    before = alice.poll("/api/v1/subscribe", wait=0)["cursor"]
    first = live([TabListener(visitor, alice)])[0]
    said = say(bob, room, *numbered("word", 5))
    all_hear([first], said)
    with refusing(visitor, 503, {"Retry-After": "1"}):
        late, other = TabListener(visitor, alice, cursor=before), TabListener(visitor, alice)
        first.page.close()
        eventually(late.leads, WITHIN_SECONDS)
    live([late, other])
    more = say(bob, room, *numbered("more", 5))
    all_hear([late], said + more)
    all_hear([other], more)


def test_tabs_on_plain_http_from_another_machine_share_one_stream_too(
    chromium: Browser, server: Server, alice: Person, bob: Person, room: dict[str, Any]
) -> None:
    with Visits(chromium, f"http://{PLAIN_HOST}:{server.port}") as visits:
        visitor = visits.of(alice)
        tabs = [TabListener(visitor, alice) for _ in range(3)]
        assert tabs[0].page.evaluate("[isSecureContext, typeof navigator.locks]") == [False, "undefined"]
        live(tabs)
        said = say(bob, room, *numbered("word", 5))
        all_hear(tabs, said)
        leading = leader(tabs)
        eventually(lambda: connections(bob, room) == 1, WITHIN_SECONDS)
        leading.page.close(run_before_unload=True)
        tabs.remove(leading)
        leader(tabs)
        all_hear(tabs, said + say(bob, room, *numbered("more", 5)))


def test_what_has_no_id_reaches_every_tab_once(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    visitor = visits.of(alice)
    bob.http.post(f"/api/v1/room/{room['id']}/members")
    tabs = live([TabListener(visitor, alice) for _ in range(3)])
    assert bob.http.post(f"/api/v1/room/{room['id']}/typing").status_code == 204
    typing = "heard.filter((event) => event.kind === 'typing').map((event) => [event.room.id, event.user.name, event.id])"
    eventually(lambda: all(tab.page.evaluate(typing) == [[room["id"], bob.name, None]] for tab in tabs))


# The service goes away and comes back


def test_nothing_is_missed_or_repeated_while_the_server_is_restarted(chromium: Browser, fresh_server: Server) -> None:
    with Person.sign_up(fresh_server.url, "alice") as alice, Visits(chromium, fresh_server.url) as visits:
        room = alice.create_room()
        tabs = live([TabListener(unafraid(visits, alice), alice)])
        with talking(fresh_server.url, room) as finish:
            eventually(lambda: len(tabs[0].texts()) > 3)
            fresh_server.stop()
            eventually(lambda: tabs[0].link["state"] == "waiting" and tabs[0].link["retryAt"], WITHIN_SECONDS)
            fresh_server.start()
            live(tabs)
            said = finish()
        all_hear(tabs, said)
        assert tabs[0].gaps == 0


def test_nothing_is_missed_or_repeated_over_a_deploy(chromium: Browser, fresh_server: Server) -> None:
    with Person.sign_up(fresh_server.url, "alice") as alice, Visits(chromium, fresh_server.url) as visits:
        room = alice.create_room()
        visitor = unafraid(visits, alice)
        tabs = live([TabListener(visitor, alice) for _ in range(2)])
        with talking(fresh_server.url, room) as finish:
            eventually(lambda: len(tabs[0].texts()) > 3)
            fresh_server.reload()
            live(tabs)
            said = finish()
        all_hear(tabs, said)


def test_nothing_is_missed_or_repeated_while_workers_are_killed(chromium: Browser, fresh_server: Server) -> None:
    with Person.sign_up(fresh_server.url, "alice") as alice, Visits(chromium, fresh_server.url) as visits:
        room = alice.create_room()
        tabs = live([TabListener(unafraid(visits, alice), alice)])
        with talking(fresh_server.url, room) as finish:
            for pid in fresh_server.worker_pids():
                before = len(tabs[0].texts())
                eventually(lambda before=before: len(tabs[0].texts()) > before, WITHIN_SECONDS)  # type: ignore[misc]
                fresh_server.kill_worker(pid)
                fresh_server.wait_until_whole()
            live(tabs)
            said = finish()
        all_hear(tabs, said)


def unafraid(visits: Visits, person: Person, url: str | None = None) -> Visitor:
    """In a test in which requests fail."""
    visitor = visits.of(person, url)
    visitor.bears_failures = True
    return visitor


# The network


def test_what_was_said_while_the_network_was_cut_comes_when_it_is_back(
    visits: Visits, alice: Person, bob: Person, room: dict[str, Any]
) -> None:
    visitor = unafraid(visits, alice)
    tabs = live([TabListener(visitor, alice) for _ in range(2)])
    said = say(bob, room, "before")
    all_hear(tabs, said)
    visitor.context.set_offline(True)
    eventually(lambda: all(tab.link["state"] == "away" for tab in tabs), WITHIN_SECONDS)
    said += say(bob, room, *numbered("meanwhile", 10))
    visitor.context.set_offline(False)
    live(tabs)
    all_hear(tabs, said + say(bob, room, "after"))


def test_a_connection_that_is_cut_is_made_anew(server: Server, visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    with FaultRelay(server.port) as relay:
        tabs = live([TabListener(unafraid(visits, alice, relay.url), alice)])
        said = say(bob, room, "before")
        all_hear(tabs, said)
        relay.cut()
        all_hear(tabs, said + say(bob, room, "after"))
        live(tabs)


@pytest.mark.parametrize("fault", [Fault.STREAMS, Fault.BODIES])
def test_where_a_proxy_swallows_streams_the_long_poll_goes_on_with_the_cursor_and_later_the_stream(
    server: Server, visits: Visits, alice: Person, bob: Person, room: dict[str, Any], fault: Fault
) -> None:
    with FaultRelay(server.port, fault) as relay:
        visitor = unafraid(visits, alice, relay.url)
        tabs = [TabListener(visitor, alice) for _ in range(2)]
        said = say(bob, room, *numbered("swallowed", 5))
        live(tabs, "long-poll")
        said += say(bob, room, *numbered("polled", 5))
        all_hear(tabs, said)
        eventually(lambda: relay.streams > 1, WITHIN_SECONDS)  # it tries a stream again, and hears nothing on it
        all_hear(tabs, said)
        relay.fault = Fault.NONE
        live(tabs, "sse")
        all_hear(tabs, said + say(bob, room, *numbered("streamed", 5)))


def test_a_stream_that_falls_mute_gives_way_to_the_long_poll(
    server: Server, visits: Visits, alice: Person, bob: Person, room: dict[str, Any]
) -> None:
    with FaultRelay(server.port) as relay:
        visitor = unafraid(visits, alice, relay.url)
        tabs = live([TabListener(visitor, alice)])
        relay.fault = Fault.STREAMS
        relay.cut()
        said = say(bob, room, "hello")
        live(tabs, "long-poll")
        all_hear(tabs, said)


# Refusals


@contextmanager
def refusing(visitor: Visitor, status: int, headers: dict[str, str]) -> Iterator[list[str]]:
    """The subscription requests inside the block, which are refused as a proxy may do."""
    refused: list[str] = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        route.fulfill(status=status, headers=headers, body="<html>")

    visitor.context.route(SUBSCRIPTIONS, refuse)
    yield refused
    visitor.context.unroute(SUBSCRIPTIONS, refuse)


@pytest.mark.parametrize("status", [429, 503])
def test_the_page_comes_back_when_it_was_told_to(visits: Visits, alice: Person, bob: Person, room: dict[str, Any], status: int) -> None:
    visitor = unafraid(visits, alice)
    with refusing(visitor, status, {"Retry-After": "600"}) as refused:
        tabs = [TabListener(visitor, alice) for _ in range(2)]
        told = eventually(lambda: [tab.link["retryAt"] for tab in tabs if tab.link["state"] == "waiting"][1:], WITHIN_SECONDS)
        assert 500_000 < told[0] - tabs[0].page.evaluate("Date.now()") < 700_000
        assert len(refused) == 2  # a stream, and the poll that says why
        said = say(bob, room, "hello")
    tabs[1].page.evaluate("retryNow()")
    live(tabs)
    all_hear(tabs, said)


def test_a_gateways_error_during_a_deploy_is_waited_out(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    visitor = unafraid(visits, alice)
    with refusing(visitor, 502, {"Content-Type": "text/html"}) as refused:
        tabs = [TabListener(visitor, alice)]
        said = say(bob, room, "hello")
        eventually(lambda: tabs[0].link and len(refused) >= 4, WITHIN_SECONDS)
    live(tabs)
    all_hear(tabs, said)


def test_a_cursor_from_before_a_restored_backup_is_a_gap_and_then_goes_on(
    visits: Visits, alice: Person, bob: Person, room: dict[str, Any]
) -> None:
    visitor = unafraid(visits, alice)
    with refusing(visitor, 503, {"Retry-After": "600"}):
        tabs = [TabListener(visitor, alice, cursor=10**12) for _ in range(2)]
        eventually(lambda: all(tab.link["state"] == "waiting" for tab in tabs), WITHIN_SECONDS)
    tabs[0].page.evaluate("retryNow()")
    live(tabs)
    eventually(lambda: all(tab.gaps == 1 for tab in tabs), WITHIN_SECONDS)
    all_hear(tabs, say(bob, room, "hello"))


def test_whoever_stops_listening_has_no_stream(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    visitor = visits.of(alice)
    tabs = live([TabListener(visitor, alice) for _ in range(2)])
    for tab in tabs:
        tab.page.evaluate("stopLive()")
    eventually(lambda: connections(bob, room) == 0)


# On the page itself


def said_on(page: Page) -> list[str]:
    """The texts of this test that the open room shows, in order."""
    return re.findall(r"\b(?:word|more)-\d+\b", page.get_by_role("log").inner_text())


def shows(pages: list[Page], texts: list[str]) -> None:
    def shown() -> bool:
        assert [said_on(page) for page in pages] == [texts] * len(pages)
        return True

    eventually(shown, WITHIN_SECONDS)


def words(word: str, count: int) -> list[str]:
    return [f"{word}-{number}" for number in range(count)]


def test_eight_tabs_of_the_page_show_what_is_said_over_one_stream(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    visitor = visits.of(alice)
    pages = [visitor.open(f"/r/{room['id']}") for _ in range(TABS)]
    said = say(bob, room, *words("word", 5))
    shows(pages, said)
    assert connections(bob, room) == 1
    pages[0].close()
    shows(pages[1:], said + say(bob, room, *words("more", 5)))


def test_the_page_tells_of_a_lost_connection_with_a_countdown_and_then_shows_what_was_missed(
    visits: Visits, alice: Person, bob: Person, room: dict[str, Any]
) -> None:
    visitor = unafraid(visits, alice)
    page = visitor.open(f"/r/{room['id']}")
    said = say(bob, room, *words("word", 2))
    shows([page], said)
    visitor.context.set_offline(True)
    banner = page.get_by_role("status").filter(has_text="The connection is away")
    banner.wait_for()
    eventually(lambda: re.search(r"in \d+ s", banner.inner_text()))
    said += say(bob, room, *words("more", 5))
    visitor.context.set_offline(False)
    banner.wait_for(state="detached")
    shows([page], said)


def test_the_page_says_which_transport_it_is_on(server: Server, visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    with FaultRelay(server.port, Fault.STREAMS) as relay:
        page = unafraid(visits, alice, relay.url).open(f"/r/{room['id']}")
        page.get_by_text("long poll").wait_for()
        shows([page], say(bob, room, *words("word", 3)))
        relay.fault = Fault.NONE
        page.get_by_text("SSE").wait_for()


def test_whoever_signs_out_elsewhere_is_shown_the_sign_in_in_every_tab(visits: Visits, alice: Person) -> None:
    visitor = unafraid(visits, alice)
    pages = [visitor.open() for _ in range(2)]
    alice.sign_out()
    for page in pages:
        page.get_by_role("heading", name="Sign in").wait_for()


def test_the_unread_are_counted_once_in_every_tab_and_read_in_all_of_them(visits: Visits, alice: Person, bob: Person) -> None:
    lounge, study = alice.create_room("lounge"), alice.create_room("study")
    visitor = visits.of(alice)
    pages = [visitor.open(f"/r/{study['id']}") for _ in range(3)]
    say(bob, lounge, "hello", f"@{alice.name} are you there?", "well")
    for page in pages:
        page.get_by_role("link", name=re.compile(rf"{lounge['name']}.*\b3 unread, 1 mention")).wait_for()
    pages[0].get_by_role("link", name=lounge["name"]).click()
    for page in pages:
        page.get_by_role("link", name=lounge["name"], exact=True).wait_for()


def test_an_address_of_a_message_and_the_way_back_are_kept(visits: Visits, alice: Person) -> None:
    rooms = [alice.create_room(name) for name in ("lounge", "study")]
    page = visits.of(alice).open(f"/r/{rooms[0]['id']}")
    page.get_by_role("link", name=rooms[1]["name"]).click()
    page.wait_for_url(f"**/r/{rooms[1]['id']}")
    page.go_back()
    page.get_by_role("heading", name=rooms[0]["name"]).wait_for()
    page.reload()
    page.get_by_role("heading", name=rooms[0]["name"]).wait_for()


def test_a_second_person_in_the_same_browser_finds_nothing_of_the_first(visits: Visits, alice: Person, bob: Person) -> None:
    mine = alice.create_room("mine", kind="closed")
    alice.post(mine["id"], "word-1")
    visitor = unafraid(visits, alice)
    page = visitor.open(f"/r/{mine['id']}")
    page.get_by_text("word-1").last.wait_for()
    alice.sign_out()
    page.get_by_label("Name").fill(bob.name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    await_live(page)
    assert page.get_by_text("word-1").count() == 0
    assert page.get_by_text(mine["name"]).count() == 0


def test_the_page_tells_of_a_lost_connection_also_while_an_attempt_hangs(visits: Visits, alice: Person, room: dict[str, Any]) -> None:
    visitor = unafraid(visits, alice)
    page = visitor.open(f"/r/{room['id']}")
    visitor.context.set_offline(True)
    banner = page.get_by_role("status").filter(has_text="The connection is away")
    banner.wait_for()
    hangs = [True]
    visitor.context.route(SUBSCRIPTIONS, lambda route: None if hangs else route.continue_())
    visitor.context.set_offline(False)
    page.get_by_text("Connecting…").wait_for()
    assert banner.is_visible()
    hangs.clear()
    banner.get_by_role("button", name="Try now").click()
    banner.wait_for(state="detached")
    await_live(page)
