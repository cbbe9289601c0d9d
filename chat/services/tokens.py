"""Session tokens and invite keys. The client has the random bits; the database has only a keyed hash of them."""

import hashlib
import secrets
from functools import lru_cache

BYTES = 32
INVITE_BYTES = 20


def new_token() -> str:
    return secrets.token_urlsafe(BYTES)


def new_invite(room_id: int) -> str:
    """The room's id, by which a client finds the room, and 160 random bits."""
    return f"{room_id}-{secrets.token_urlsafe(INVITE_BYTES)}"


def hash_token(token: str, secret_key: str) -> bytes:
    """BLAKE2b keyed with SECRET_KEY (RFC 7693): a stolen table gives access to nothing, and a changed key signs everybody out."""
    return hashlib.blake2b(token.encode(), digest_size=32, key=_key(secret_key)).digest()


@lru_cache(maxsize=1)
def _key(secret_key: str) -> bytes:
    """BLAKE2b takes a key of at most 64 bytes; SECRET_KEY may be longer."""
    return hashlib.sha256(secret_key.encode()).digest()
