"""Olga, who operates the service: an API key made as she makes one, and her calls with it."""

import json
from typing import Any

import httpx
from click.testing import CliRunner, Result

from chat.cli.admin_keys import keys
from tests.harness import http_client
from tests.harness.environment import product_settings
from tests.harness.server import Server

BASE = "/api/v1"


def run_key(server: Server, *arguments: str) -> Result:
    """`admin key …` on the server's database."""
    settings = product_settings(server.database_url, server.redis_url, {"CHAT_DATA": "/nowhere"})
    return CliRunner(env=settings).invoke(keys, arguments)


def make_key(server: Server, name: str = "olga", scope: str = "admin") -> dict[str, Any]:
    """id, name, scope, and the key itself."""
    made = run_key(server, "add", name, "--scope", scope, "--json")
    assert made.exit_code == 0, made.output
    key: dict[str, Any] = json.loads(made.output)
    return key


class Operator:
    """Calls the admin listener, or another address."""

    def __init__(self, server: Server, url: str = "", scope: str = "admin") -> None:
        self.key = make_key(server, scope=scope)
        self.headers = {"X-API-Key": self.key["key"]}
        self.actor = f"key {self.key['id']} ({self.key['name']})"
        self._url = (url or server.admin_url) + BASE

    def request(self, method: str, path: str, json: object = None) -> httpx.Response:
        """Uses a new connection, so any worker may answer."""
        return http_client.request(method, self._url + path, headers=self.headers, json=json)

    def call(self, method: str, path: str, json: object = None) -> Any:
        """Returns the response's data; it must be a success."""
        response = self.request(method, path, json)
        assert response.is_success, f"{response.status_code} {response.text}"
        return response.json()["data"]

    def audited(self, act: str) -> list[dict[str, Any]]:
        """Her actions of one kind in the audit log, the newest first."""
        entries = self.call("GET", "/audit?limit=500")
        return [entry for entry in entries if entry["actor"] == self.actor and entry["act"] == act]
