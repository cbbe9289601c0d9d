"""A browser without a screen on the administration pages: it keeps a cookie, and its forms carry Origin and Sec-Fetch-Site."""

from types import TracebackType
from typing import Any, Self

import httpx

from chat.domain.sample import FIELDS
from tests.harness import http_client
from tests.harness.operator import make_key
from tests.harness.server import Server


class AdminBrowser:
    """`url` is the address of the pages, with their prefix if they have one."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.origin = url.removesuffix("/admin")
        self.http = http_client.client()

    @classmethod
    def signed_in(cls, server: Server, name: str = "olga") -> Self:
        """Signed in with a new key, on the admin listener."""
        browser = cls(server.admin_url)
        answer = browser.sign_in(make_key(server, name)["key"])
        assert answer.status_code == 303, answer.text
        return browser

    def sign_in(self, key: str, **headers: str) -> httpx.Response:
        return self.send("/sign-in", {"key": key}, **headers)

    def get(self, path: str) -> httpx.Response:
        return self.http.get(f"{self.url}{path}")

    def send(self, path: str, form: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        """Posts a form. A header with an empty value is not sent."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"} | named
        return self.http.post(f"{self.url}{path}", data=form or {}, headers={name: value for name, value in sent.items() if value})

    def figures(self) -> dict[str, list[dict[str, Any]]]:
        """The samples behind the plots, by worker."""
        answer = self.get("/figures.json")
        assert answer.status_code == 200, answer.text
        workers = answer.json()["workers"].items()
        return {worker: [dict(zip(FIELDS, sample, strict=True)) for sample in samples] for worker, samples in workers}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.http.close()
