"""Session tokens, and the keyed hash of every secret. The client has the random bits; the database has only their hash."""

import hashlib
import secrets
from functools import lru_cache

BYTES = 32


def new_token() -> str:
    return secrets.token_urlsafe(BYTES)


def hash_token(token: str, secret_key: str) -> bytes:
    """BLAKE2b keyed with SECRET_KEY (RFC 7693): a stolen table gives access to nothing, and a changed key signs everybody out."""
    return hashlib.blake2b(token.encode(), digest_size=32, key=_key(secret_key)).digest()


@lru_cache(maxsize=1)
def _key(secret_key: str) -> bytes:
    """BLAKE2b takes a key of at most 64 bytes; SECRET_KEY may be longer."""
    return hashlib.sha256(secret_key.encode()).digest()
