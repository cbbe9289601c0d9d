"""Requests of a page that a test holds back or refuses."""

from playwright.sync_api import BrowserContext, Page, Route

from tests.harness.deadline import eventually


def holding(where: Page | BrowserContext, url: str) -> list[Route]:
    """Holds requests to `url`, a pattern of Playwright's, and returns the list to which each is added."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    where.route(url, hold)
    return held


def is_held(page: Page, held: list[Route]) -> None:
    """Waits for a held request. Playwright notices requests only during a call."""
    eventually(lambda: page.evaluate("1") and held)


def refuse(route: Route, status: int, detail: str = "no") -> None:
    """Answers the request with a problem document."""
    body = f'{{"title": "Refused", "status": {status}, "detail": "{detail}"}}'
    route.fulfill(status=status, content_type="application/problem+json", body=body)
