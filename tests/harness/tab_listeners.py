"""Tabs that receive what the page's tabs receive, and show nothing: the page's live modules on another document of the service.

A test sees each event as a tab gets it, so that nothing on the screen hides a repeated one."""

from typing import Any

from playwright.sync_api import Page

from tests.harness.browser import Visitor
from tests.harness.deadline import eventually
from tests.harness.people import Person

DOCUMENT = "/api/v1/docs"
LISTEN = """
async ({user, cursor, heartbeat}) => {
    document.documentElement.dataset.heartbeat = heartbeat;
    const modules = ["live/shared_stream.js", "core/event_bus.js", "core/store.js"];
    const [stream, events, store] = await Promise.all(modules.map((path) => import(`/static/app/${path}`)));
    const {retryNow, stopStream: stopLive} = stream;
    Object.assign(window, {heard: [], gaps: 0, link: () => store.connection.value, retryNow, stopLive});
    events.onEvent((event) => heard.push(event));
    events.onGap(() => gaps++);
    stream.startStream(user, cursor);
}
"""


LEADER_SECONDS = 30.0


class TabListener:
    """One tab. `cursor`: where it starts, by default the newest id. `heartbeat`: the server's, in seconds."""

    def __init__(self, visitor: Visitor, person: Person, cursor: int | None = None, heartbeat: str = "1") -> None:
        self.page: Page = visitor.visit(DOCUMENT)
        self.page.wait_for_load_state()
        start = person.poll("/api/v1/subscribe", wait=0)["cursor"] if cursor is None else cursor
        user = {"id": person.id, "name": person.name}
        self.page.evaluate(LISTEN, {"user": user, "cursor": start, "heartbeat": heartbeat})

    @property
    def link(self) -> dict[str, Any]:
        link: dict[str, Any] = self.page.evaluate("link()")
        return link

    @property
    def gaps(self) -> int:
        gaps: int = self.page.evaluate("gaps")
        return gaps

    def ids(self) -> list[int]:
        """The ids of its log events, in order of arrival."""
        ids: list[int] = self.page.evaluate("heard.filter((event) => event.id).map((event) => event.id)")
        return ids

    def texts(self) -> list[str]:
        """The texts of its messages, in order of arrival."""
        texts: list[str] = self.page.evaluate("heard.filter((event) => event.kind === 'message').map((event) => event.text)")
        return texts

    def is_live(self, transport: str = "sse") -> bool:
        return (self.link["state"], self.link["transport"]) == ("live", transport)

    def leads(self) -> bool:
        return bool(self.link["leader"])


def leader(tabs: list[TabListener]) -> TabListener:
    """The tab that leads, once there is just one."""
    eventually(lambda: sum(tab.leads() for tab in tabs) == 1, LEADER_SECONDS)
    return next(tab for tab in tabs if tab.leads())
