"""The configuration file of the command line: the last server, and a token for each server. Only its owner can read it.

CHAT_URL and CHAT_TOKEN override it."""

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from chat.terminal.errors import Failure

DEFAULT_URL = "http://localhost:8000"  # where bin/serve listens


@dataclass(frozen=True)
class Account:
    name: str
    token: str = field(repr=False)


@dataclass
class Config:
    """url: the last server that the person signed in to. accounts: by server."""

    path: Path
    url: str = DEFAULT_URL
    accounts: dict[str, Account] = field(default_factory=dict)

    @classmethod
    def load(cls, environ: Mapping[str, str] = os.environ) -> "Config":
        path = _path(environ)
        try:
            document = json.loads(path.read_text())
            accounts = {url: Account(str(account["name"]), str(account["token"])) for url, account in document.get("servers", {}).items()}
            return cls(path, str(document.get("url", DEFAULT_URL)), accounts)
        except FileNotFoundError:
            return cls(path)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise Failure(f"cannot read {path}: correct it, or remove it and sign in again") from None

    def remember(self, url: str, account: Account) -> None:
        self.url = url
        self.accounts[url] = account
        self._save()

    def forget(self, url: str) -> None:
        if self.accounts.pop(url, None) is not None:
            self._save()

    def _save(self) -> None:
        servers = {url: {"name": account.name, "token": account.token} for url, account in self.accounts.items()}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _replace(self.path, json.dumps({"url": self.url, "servers": servers}, indent=2) + "\n")
        except OSError as failure:
            raise Failure(f"cannot write {self.path}: {failure.strerror}") from None


def checked_url(url: str) -> str:
    """Returns an http or https address without its last slash and without the API's base path. Raises Failure."""
    try:
        parts = httpx.URL(url.strip())
    except httpx.InvalidURL:
        parts = httpx.URL()
    if parts.scheme not in {"http", "https"} or not parts.host or parts.userinfo or parts.query or parts.fragment:
        raise Failure(f"{url!r} is not the address of a server: it looks like https://chat.example.org")
    return str(parts).rstrip("/").removesuffix("/api/v1")


def _path(environ: Mapping[str, str]) -> Path:
    folder = environ.get("XDG_CONFIG_HOME", "")
    base = Path(folder) if os.path.isabs(folder) else Path.home() / ".config"  # the XDG specification says to ignore relative paths
    return base / "chat" / "config.json"


def _replace(path: Path, text: str) -> None:
    """A reader finds either the old or the new file. Other users can read neither: mkstemp sets mode 0600 from the first byte."""
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent, prefix=".config-")
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(unfinished)
        raise
