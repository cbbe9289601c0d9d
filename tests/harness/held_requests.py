"""Requests of a page that a test holds back or refuses."""

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


def refuse(route: Route, status: int, detail: str = "no") -> None:
    """Answers the request with a problem document."""
    body = f'{{"title": "Refused", "status": {status}, "detail": "{detail}"}}'
    route.fulfill(status=status, content_type="application/problem+json", body=body)
