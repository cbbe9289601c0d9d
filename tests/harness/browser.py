"""People in browsers: each has its own context, signed in or not. An error or a warning in a console fails the test."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.harness.chromium import ARGUMENTS, CHROMIUM
from tests.harness.people import Person

PLAIN_HOST = "chat.test"  # this machine by another name: over plain HTTP it is no secure context, so a browser hides some APIs from it
COOKIE = "chat_session"
SHOWN_MS = 20_000
UNREACHED = "Failed to load resource"  # a browser logs this for every unsuccessful response


@contextmanager
def launched() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        names = f"--host-resolver-rules=MAP {PLAIN_HOST} 127.0.0.1"
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, names])
        yield browser
        browser.close()


class Visitor:
    """Somebody's browser at one address. `complaints` are its console errors and warnings, also those about the content security policy."""

    def __init__(self, browser: Browser, url: str, person: Person | None, **options: Any) -> None:
        self.url = url
        self.complaints: list[str] = []
        self.bears_failures = person is None  # a signed-out page gets 401s; tests that cut the network set it
        self.context: BrowserContext = browser.new_context(**options)
        self.context.set_default_timeout(SHOWN_MS)
        self.context.on("page", self._listen)
        if person:
            self.sign_in(person)

    def sign_in(self, person: Person) -> None:
        """Gives the browser this person's session."""
        self.context.add_cookies([{"name": COOKIE, "value": person.token, "url": self.url, "httpOnly": True, "sameSite": "Lax"}])

    def open(self, path: str = "/") -> Page:
        """Opens a tab and waits until it is live."""
        page = self.visit(path)
        await_live(page)
        return page

    def visit(self, path: str = "/") -> Page:
        """Opens a tab and waits for nothing."""
        page = self.context.new_page()
        page.goto(f"{self.url}{path}", wait_until="commit")
        return page

    def _listen(self, page: Page) -> None:
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(f"{error}\n{error.stack or ''}"))

    def _on_console(self, message: ConsoleMessage) -> None:
        failure = self.bears_failures and ("net::" in message.text or message.text.startswith(UNREACHED))
        if message.type in ("error", "warning") and not failure:
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")


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
    """Waits until the page says that it is live, over either transport."""
    page.get_by_text("Live", exact=False).first.wait_for(state="attached")
