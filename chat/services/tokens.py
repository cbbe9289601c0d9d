"""Session tokens: 256 random bits for the client, of which the table holds only a keyed hash."""

import hmac
import secrets

BYTES = 32


def new_token() -> str:
    return secrets.token_urlsafe(BYTES)


def hash_token(token: str, secret_key: str) -> bytes:
    """HMAC-SHA256 under SECRET_KEY: a stolen table opens nothing, and a changed key signs everybody out."""
    return hmac.digest(secret_key.encode(), token.encode(), "sha256")
