"""Calls to the audited service beside what is measured: whatever may be asked again is, for a while."""

import asyncio
from types import TracebackType
from typing import Any, Self

import httpx

from chat.audit.connection import Address

BASE = "/api/v1"
TRIES = 6
BETWEEN_TRIES_SECONDS = 1.0
AWAY = frozenset({502, 503, 504})  # a proxy, or a worker that stops
GONE = frozenset({404, 410})


class Unreachable(Exception):
    """Nobody answers, or only a proxy that says so."""


class Refused(Exception):
    """The service answered, and said no."""

    def __init__(self, what: str, status: int, detail: str) -> None:
        super().__init__(f"{what}: {status} {detail}")
        self.status = status
        self.detail = detail


class Service:
    """One deployment; callers are told by their tokens."""

    def __init__(self, address: Address) -> None:
        scheme = "https" if address.tls else "http"
        self._http = httpx.AsyncClient(
            base_url=f"{scheme}://{address.host}{address.base}{BASE}", timeout=30.0, verify=address.tls or True, trust_env=False
        )

    async def call(self, method: str, path: str, token: str | None = None, **more: Any) -> Any:
        """The answer's JSON, None where it has none. Raises Refused and Unreachable."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = await self._insist(method, path, headers=headers, **more)
        self._http.cookies.clear()
        if not answer.is_success:
            raise Refused(f"{method} {path}", answer.status_code, _detail(answer))
        try:
            return answer.json() if answer.content else None
        except ValueError:
            raise Refused(f"{method} {path}", answer.status_code, "the answer is no JSON: is this the chat service?") from None

    async def remove(self, path: str, token: str) -> None:
        """What is gone already is as good."""
        try:
            await self.call("DELETE", path, token)
        except Refused as refused:
            if refused.status not in GONE:
                raise

    async def _insist(self, method: str, path: str, **more: Any) -> httpx.Response:
        said = ""
        for attempt in range(TRIES):
            await asyncio.sleep(attempt and BETWEEN_TRIES_SECONDS)
            try:
                answer = await self._http.request(method, path, **more)
            except httpx.TransportError as error:
                said = str(error) or type(error).__name__
                continue
            if answer.status_code not in AWAY:
                return answer
            said = f"{answer.status_code}"
        raise Unreachable(f"{method} {path}: {said}")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._http.aclose()


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.reason_phrase
