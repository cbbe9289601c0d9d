"""Mentions: the page counts and marks them as the service does."""

import pytest
from playwright.sync_api import Page

from tests.harness.browser import Visits
from tests.harness.people import Person
from tests.harness.rooms import join
from tests.harness.signals import mark_read

DOCUMENT = "/api/v1/docs"
MEANT = """
async ([texts, name]) => {
    const base = "/static/app/";
    const [{mentions}, {format}] = await Promise.all([import(base + "text/mentions.js"), import(base + "text/format.js")]);
    const {h, render} = await import("/static/vendor/ui.js");
    const marked = (text) => {
        const place = document.createElement("div");
        render(h("div", {}, format(text, {me: {name}})), place);
        return place.querySelector(".mention.mine") !== null;
    };
    return texts.map((text) => [mentions(text, name), marked(text)]);
}
"""
MEANS_BOB = ["@{}", "-@{} x", "cc.@{}", "@{}- hi", "@{}_ hi", "@{}._- hi", "@{}...", "(@{})", "@{}'s", "²@{}", "@{}²", "@{}\u0301", "a-@{}"]
MEANS_NOBODY = ["{}", "@{}x", "@{}5", "@{}٣", "@{}é", "@{}\u0903", "@{}-x", "@{}_x", "@{}._-x", "mail@{}", "_@{}", "é@{}", "Ⅷ@{}", "@ {}"]


@pytest.fixture
def page(visits: Visits, bob: Person) -> Page:
    """A page that only loads the modules."""
    opened = visits.of(bob).visit(DOCUMENT)
    opened.wait_for_load_state()
    return opened


def counted(alice: Person, bob: Person, texts: list[str]) -> list[bool]:
    """The service's result for each text."""
    room = alice.create_room("lounge")
    join(bob, room)
    found = []
    for text in texts:
        upto = alice.post(room["id"], text)["id"]
        found.append(bool(bob.http.get(f"/api/v1/room/{room['id']}").json()["mentions"]))
        mark_read(bob, room["id"], upto)
    return found


def test_the_page_takes_for_a_mention_what_the_service_does(page: Page, alice: Person, bob: Person) -> None:
    texts = [text.replace("{}", bob.name.upper()) for text in (*MEANS_BOB, *MEANS_NOBODY)]
    expected = [True] * len(MEANS_BOB) + [False] * len(MEANS_NOBODY)
    service = counted(alice, bob, texts)
    assert dict(zip(texts, service, strict=True)) == dict(zip(texts, expected, strict=True))
    shown = page.evaluate(MEANT, [texts, bob.name])
    assert dict(zip(texts, shown, strict=True)) == {text: [meant, meant] for text, meant in zip(texts, service, strict=True)}
