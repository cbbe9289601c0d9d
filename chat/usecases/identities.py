"""The live session of a token. The lookups of a crowd share one query.

Only posts use identities from memory, because their commit checks the session."""

from collections import OrderedDict
from functools import partial
from time import monotonic

from sqlalchemy import Engine

from chat.services import sessions
from chat.services.batcher import lookups
from chat.services.sessions import Identity
from chat.services.tokens import hash_token

HINTS = 10_000  # senders that a worker remembers
HINT_SECONDS = 600.0  # a lookup also marks the session as in use: without one it would expire under a busy sender


class Identities:
    """Finds the live session of a token."""

    def __init__(self, reads: Engine, secret_key: str) -> None:
        self._secret_key = secret_key
        self._lookups = lookups(partial(sessions.find, reads))
        self._hints: OrderedDict[str, tuple[float, Identity]] = OrderedDict()

    def find(self, token: str) -> Identity | None:
        """Asks the database each time, so a sign-out holds on every worker at once. The identity of an ended session has `ended` set."""
        return self._lookups.ask(hash_token(token, self._secret_key))

    def hint(self, token: str) -> Identity | None:
        """The identity from memory, if it was found lately. Only for a post, whose own transaction checks the session."""
        until, remembered = self._hints.get(token, (0.0, None))
        if remembered is not None and monotonic() < until:
            return remembered
        identity = self.find(token)
        if identity is not None and not identity.ended:
            self._remember(token, identity)
        return identity

    def is_over(self, token: str) -> bool:
        """Whether the token's session has ended or expired. A hint that said otherwise is dropped."""
        self.forget(token)
        identity = self.find(token)
        return identity is None or identity.ended

    def forget(self, token: str) -> None:
        """Drops the hint, which is wrong."""
        self._hints.pop(token, None)

    def _remember(self, token: str, identity: Identity) -> None:
        self._hints[token] = (monotonic() + HINT_SECONDS, identity)
        if len(self._hints) > HINTS:
            self._hints.popitem(last=False)
