"""API calls of the audit that are not measured. A call that fails on the way is repeated for a while."""

import asyncio
from typing import Any

import httpx

from chat.audit.connection import Address

BASE = "/api/v1"
TRIES = 6
BETWEEN_TRIES_SECONDS = 1.0
UNAVAILABLE = frozenset({502, 503, 504})  # from a proxy, or a worker that is stopping
GONE = frozenset({404, 410})


class Unreachable(Exception):
    """Nothing answers, or only a proxy that reports the service as unavailable."""


class Refused(Exception):
    """The service answered with an error."""

    def __init__(self, what: str, status: int, detail: str) -> None:
        super().__init__(f"{what}: {status} {detail}")
        self.status = status
        self.detail = detail


class ApiClient:
    """One deployment; each call carries its caller's token."""

    def __init__(self, address: Address) -> None:
        scheme = "https" if address.tls else "http"
        self._http = httpx.AsyncClient(
            base_url=f"{scheme}://{address.host}{address.base}{BASE}", timeout=30.0, verify=address.tls or True, trust_env=False
        )

    async def call(self, method: str, path: str, token: str | None = None, **more: Any) -> Any:
        """Returns the response's JSON, None if it is empty. Raises Refused and Unreachable."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        response = await self._request_with_retries(method, path, headers=headers, **more)
        self._http.cookies.clear()
        if not response.is_success:
            raise Refused(f"{method} {path}", response.status_code, _detail(response))
        try:
            return response.json() if response.content else None
        except ValueError:
            raise Refused(f"{method} {path}", response.status_code, "the answer is no JSON: is this the chat service?") from None

    async def remove(self, path: str, token: str) -> None:
        """A resource that is gone already counts as removed."""
        try:
            await self.call("DELETE", path, token)
        except Refused as refused:
            if refused.status not in GONE:
                raise

    async def _request_with_retries(self, method: str, path: str, **more: Any) -> httpx.Response:
        problem = ""
        for attempt in range(TRIES):
            await asyncio.sleep(attempt and BETWEEN_TRIES_SECONDS)
            try:
                response = await self._http.request(method, path, **more)
            except httpx.TransportError as error:
                problem = str(error) or type(error).__name__
                continue
            if response.status_code not in UNAVAILABLE:
                return response
            problem = f"{response.status_code}"
        raise Unreachable(f"{method} {path}: {problem}")

    async def aclose(self) -> None:
        await self._http.aclose()


def _detail(response: httpx.Response) -> str:
    try:
        return str(response.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return response.reason_phrase
