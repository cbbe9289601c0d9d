"""What the command line remembers between two commands: which server, and a token for each, in a file that only its owner reads.

CHAT_URL and CHAT_TOKEN go before it."""

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from chat.terminal.failures import Failure

DEFAULT_URL = "http://localhost:8000"  # where bin/serve listens


@dataclass(frozen=True)
class Account:
    name: str
    token: str = field(repr=False)


@dataclass
class Config:
    """url: the server that was signed in to last; accounts by server."""

    path: Path
    url: str = DEFAULT_URL
    accounts: dict[str, Account] = field(default_factory=dict)

    @classmethod
    def load(cls, environ: Mapping[str, str] = os.environ) -> "Config":
        path = _path(environ)
        try:
            return cls._read(path, json.loads(path.read_text()))
        except FileNotFoundError:
            return cls(path)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise Failure(f"cannot read {path}: mend it, or remove it and sign in again") from None

    @classmethod
    def _read(cls, path: Path, kept: dict[str, Any]) -> "Config":
        accounts = {url: Account(str(account["name"]), str(account["token"])) for url, account in kept.get("servers", {}).items()}
        return cls(path, str(kept.get("url", DEFAULT_URL)), accounts)

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
    """An http or https address without its last slash, and without the base path, which people may have copied."""
    try:
        parts = httpx.URL(url.strip())
    except httpx.InvalidURL:
        parts = httpx.URL()
    if parts.scheme not in {"http", "https"} or not parts.host or parts.userinfo or parts.query or parts.fragment:
        raise Failure(f"{url!r} is not the address of a server: it looks like https://chat.example.org")
    return str(parts).rstrip("/").removesuffix("/api/v1")


def _path(environ: Mapping[str, str]) -> Path:
    folder = environ.get("XDG_CONFIG_HOME", "")
    base = Path(folder) if os.path.isabs(folder) else Path.home() / ".config"  # XDG: relative ones are to be ignored
    return base / "chat" / "config.json"


def _replace(path: Path, text: str) -> None:
    """A reader finds the old or the new file, and nobody else ever a readable one: mkstemp makes it 0600 from the first byte."""
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
