"""Who asks with an API key, which is asked of the database each time: an operator, or a program."""

from typing import cast

from flask import g, request

from chat.api.auth import service
from chat.errors import WrongKey, WrongScope
from chat.services.api_keys import ApiKey, Scope

HEADER = "X-API-Key"


def require_key() -> None:
    """Raises WrongKey, UnknownApiKey, TooManyAttempts."""
    given = request.headers.get(HEADER, "")
    if not given:
        raise WrongKey
    g.key = service().api_keys.admit(given, request.remote_addr or "")


def require_scope(scope: Scope) -> None:
    """A key for everything may do this, too. Raises WrongScope."""
    if key().scope not in (scope, "admin"):
        raise WrongScope(f"{key().actor} has the scope {key().scope}")


def key() -> ApiKey:
    """With which this request was let in."""
    return cast(ApiKey, g.key)


def actor() -> str:
    """Who acts, for the audit log."""
    return key().actor
