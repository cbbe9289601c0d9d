"""Requests with an API key, by operators and programs. Each request looks its key up in the database."""

from typing import cast

from flask import g, request

from chat.api.auth import service
from chat.problems import WrongKey, WrongScope
from chat.services.api_keys import ApiKey, Scope

HEADER = "X-API-Key"


def require_key() -> None:
    """Raises WrongKey, UnknownApiKey, TooManyAttempts."""
    key = request.headers.get(HEADER, "")
    if not key:
        raise WrongKey
    g.key = service().api_keys.admit(key, request.remote_addr or "")


def require_scope(scope: Scope) -> None:
    """A key of scope `admin` has every scope. Raises WrongScope."""
    if key().scope not in (scope, "admin"):
        raise WrongScope(f"{key().actor} has the scope {key().scope}")


def key() -> ApiKey:
    """The key of this request."""
    return cast(ApiKey, g.key)


def actor() -> str:
    """The key's name in the audit log."""
    return key().actor
