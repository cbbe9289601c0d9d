"""Single requests, each on its own connection, and clients that skip reading the machine's certificates (20 ms each)."""

from typing import Any

import httpx

ANSWER_SECONDS = 30.0


def client(base_url: str = "", **more: Any) -> httpx.Client:
    return httpx.Client(base_url=base_url, timeout=ANSWER_SECONDS, trust_env=False, verify=False, **more)


def request(method: str, url: str, **more: Any) -> httpx.Response:
    with client() as http:
        return http.request(method, url, **more)


def get(url: str, **more: Any) -> httpx.Response:
    return request("GET", url, **more)


def post(url: str, **more: Any) -> httpx.Response:
    return request("POST", url, **more)
