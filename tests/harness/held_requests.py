"""Requests of a page that go no further until they are told to."""

from playwright.sync_api import BrowserContext, Page, Route

from tests.harness.deadline import eventually


def holding(where: Page | BrowserContext, url: str) -> list[Route]:
    """Those to the address, as they come; Playwright's pattern."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    where.route(url, hold)
    return held


def is_held(page: Page, held: list[Route]) -> None:
    """Playwright hears of requests while it is asked something."""
    eventually(lambda: page.evaluate("1") and held)
