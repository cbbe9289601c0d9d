"""Suspended tabs: if the leading tab is suspended and keeps its lock, another one leads instead, and nothing is lost."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import CDPSession, Page, expect

from tests.harness.browser import Visits
from tests.harness.deadline import eventually
from tests.harness.people import Person
from tests.harness.room_page import log
from tests.harness.rooms import connections, say
from tests.harness.tab_listeners import TabListener, leader

WITHIN_SECONDS = 30.0
LOCKS = "navigator.locks.query().then(({held, pending}) => [held.length, pending.length])"

NO_MORE_SIGNS = "for (let id = 1; id < 10_000; id++) clearInterval(id)"
COUNT_QUESTIONS = """user => {
    Object.assign(window, {questions: 0, channel: new BroadcastChannel(`chat.live.${user}`)});
    channel.onmessage = ({data}) => data.what === "hello" && questions++;
}"""


@contextmanager
def suspended(page: Page) -> Iterator[None]:
    """The tab's script does not run inside the block. A debugger stops it, because a headless Chromium freezes no tab."""
    devtools: CDPSession = page.context.new_cdp_session(page)
    devtools.send("Debugger.enable")
    devtools.send("Debugger.pause")
    try:
        yield
    finally:
        devtools.send("Debugger.disable")
        devtools.detach()


def hear(tabs: list[TabListener], texts: list[str]) -> None:
    """Each of them exactly these, in this order."""

    def heard() -> bool:
        assert [tab.texts() for tab in tabs] == [texts] * len(tabs)
        return True

    eventually(heard, WITHIN_SECONDS)


def shows(pages: list[Page], texts: list[str]) -> None:
    def shown() -> bool:
        assert [re.findall(r"\bword-\d+\b", log(page).inner_text()) for page in pages] == [texts] * len(pages)
        return True

    eventually(shown, WITHIN_SECONDS)


def test_another_tab_goes_on_while_the_leading_one_is_suspended(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    visitor = visits.of(alice)
    first = visitor.open(f"/r/{room['id']}")
    second = visitor.open(f"/r/{room['id']}")
    said = say(bob, room, "word-1")
    shows([first, second], said)
    with suspended(first):
        said += say(bob, room, "word-2", "word-3")
        shows([second], said)
    shows([first, second], said)
    shows([first, second], said + say(bob, room, "word-4"))
    eventually(lambda: connections(bob, room) == 1, WITHIN_SECONDS)


def test_of_many_tabs_one_goes_on_and_the_suspended_one_follows(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    visitor = visits.of(alice)
    tabs = [TabListener(visitor, alice) for _ in range(5)]
    robbed = leader(tabs)
    others = [tab for tab in tabs if tab is not robbed]
    with suspended(robbed.page):
        said = say(bob, room, "one", "two")
        hear(others, said)
        seizing = leader(others)
    hear(tabs, said)
    assert leader(tabs) is seizing
    eventually(lambda: robbed.page.evaluate(LOCKS) == [1, len(tabs)])  # who has taken it over is in the queue still
    eventually(lambda: all(tab.is_live() for tab in tabs), WITHIN_SECONDS)
    seizing.page.close()
    others.remove(seizing)
    leader([robbed, *others])
    hear([robbed, *others], said + say(bob, room, "three"))


def test_a_leader_whose_timers_the_browser_holds_back_answers_and_goes_on(
    visits: Visits, alice: Person, bob: Person, room: dict[str, Any]
) -> None:
    visitor = visits.of(alice)
    tabs = [TabListener(visitor, alice) for _ in range(3)]
    leading = leader(tabs)
    leading.page.evaluate(NO_MORE_SIGNS)
    follower = next(tab for tab in tabs if tab is not leading)
    follower.page.evaluate(COUNT_QUESTIONS, alice.id)
    eventually(lambda: follower.page.evaluate("questions > 3"), WITHIN_SECONDS)
    assert leader(tabs) is leading
    hear(tabs, say(bob, room, "one"))
    assert connections(bob, room) == 1


def test_after_a_sleep_all_that_was_missed_is_there_once(visits: Visits, alice: Person, bob: Person, room: dict[str, Any]) -> None:
    """Like a closed laptop: its only tab stands still, and its connection is gone when it wakes."""
    visitor = visits.of(alice)
    visitor.bears_failures = True
    page = visitor.open(f"/r/{room['id']}")
    said = say(bob, room, "word-1")
    shows([page], said)
    with suspended(page):
        visitor.context.set_offline(True)
        said += say(bob, room, "word-2", "word-3")
    visitor.context.set_offline(False)
    said += say(bob, room, "word-4")
    shows([page], said)
    expect(page.get_by_text("Live", exact=False).first).to_be_visible()
