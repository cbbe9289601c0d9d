"""The administration page as a browser without a screen uses it: a cookie, and forms that say where they come from."""

from types import TracebackType
from typing import Any, Self

import httpx

from chat.domain.sample import FIELDS
from tests.harness import http_client
from tests.harness.operator import make_key
from tests.harness.server import Server


class AdminBrowser:
    """`url` is the page's address, with the prefix where it has one."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.origin = url.removesuffix("/admin")
        self.http = http_client.client()

    @classmethod
    def signed_in(cls, server: Server, name: str = "olga") -> Self:
        """With a key of its own, on the admin's own listener."""
        desk = cls(server.admin_url)
        answer = desk.sign_in(make_key(server, name)["key"])
        assert answer.status_code == 303, answer.text
        return desk

    def sign_in(self, key: str, **headers: str) -> httpx.Response:
        return self.send("/sign-in", {"key": key}, **headers)

    def get(self, path: str) -> httpx.Response:
        return self.http.get(f"{self.url}{path}")

    def send(self, path: str, form: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        """A form. A header that is given as an empty text is not sent."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"} | given
        return self.http.post(f"{self.url}{path}", data=form or {}, headers={name: value for name, value in sent.items() if value})

    def figures(self) -> dict[str, list[dict[str, Any]]]:
        """By worker, what the plots are drawn from."""
        answer = self.get("/figures.json")
        assert answer.status_code == 200, answer.text
        workers = answer.json()["workers"].items()
        return {worker: [dict(zip(FIELDS, sample, strict=True)) for sample in samples] for worker, samples in workers}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.http.close()
