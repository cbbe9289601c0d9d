"""People in browsers: each has a context of its own, signed in or not, and whatever their pages complain of fails the test."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.harness.chromium import ARGUMENTS, CHROMIUM
from tests.harness.people import Person

PLAIN_HOST = "chat.test"  # this machine by another name: over plain HTTP a browser keeps from it what it gives to secure contexts only
COOKIE = "chat_session"
SHOWN_MS = 20_000
UNREACHED = "Failed to load resource"  # what a browser says of any answer that is no success


@contextmanager
def launched() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    with sync_playwright() as playwright:
        names = f"--host-resolver-rules=MAP {PLAIN_HOST} 127.0.0.1"
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, names])
        yield browser
        browser.close()


class Visitor:
    """Somebody's browser at one address. `complaints` are its errors and warnings, those about the page's policy among them."""

    def __init__(self, browser: Browser, url: str, person: Person | None, **options: Any) -> None:
        self.url = url
        self.complaints: list[str] = []
        self.bears_failures = person is None  # who is signed out is answered 401; or set by tests that cut the network
        self.context: BrowserContext = browser.new_context(**options)
        self.context.set_default_timeout(SHOWN_MS)
        self.context.on("page", self._listen)
        if person:
            self.sign_in(person)

    def sign_in(self, person: Person) -> None:
        """From now on it is this person's."""
        self.context.add_cookies([{"name": COOKIE, "value": person.token, "url": self.url, "httpOnly": True, "sameSite": "Lax"}])

    def open(self, path: str = "/") -> Page:
        """A new tab, which shows the rooms of whoever is signed in, and hears of what happens."""
        page = self.visit(path)
        await_live(page)
        return page

    def visit(self, path: str = "/") -> Page:
        """A new tab, and nothing waited for."""
        page = self.context.new_page()
        page.goto(f"{self.url}{path}", wait_until="commit")
        return page

    def _listen(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"{error}\n{error.stack or ''}"))

    def _hear(self, said: ConsoleMessage) -> None:
        failure = self.bears_failures and ("net::" in said.text or said.text.startswith(UNREACHED))
        if said.type in ("error", "warning") and not failure:
            self.complaints.append(f"{said.text} ({said.location.get('url', '')})")


class Visits:
    """The visitors of one test."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self._url = url
        self._visitors: list[Visitor] = []

    def of(self, person: Person | None = None, url: str | None = None, **options: Any) -> Visitor:
        """A browser in which the person is signed in; options are those of Playwright's contexts."""
        visitor = Visitor(self._browser, url or self._url, person, **options)
        self._visitors.append(visitor)
        return visitor

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for visitor in self._visitors:
            visitor.context.close()
        if error is None:
            assert [complaint for visitor in self._visitors for complaint in visitor.complaints] == []


def await_live(page: Page) -> None:
    """Until the page says that it hears of what happens, by whatever transport."""
    page.get_by_text("Live", exact=False).first.wait_for(state="attached")
