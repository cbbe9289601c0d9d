"""Signing up, in and out. A sign-in makes a new session whatever the client brought along, so none can be planted."""

from dataclasses import dataclass

from sqlalchemy import Engine

from chat.domain import names
from chat.domain.shapes import SignedIn, User
from chat.services import sessions, users
from chat.services.passwords import Passwords
from chat.services.throttle import Throttle
from chat.services.tokens import hash_token, new_token
from chat.usecases.publish import Publisher


class WrongCredentials(Exception):
    """The name does not exist or the password is not its: nobody learns which."""


class UserBanned(Exception):
    """The password was right, and the operator has banned its user."""


class TooManyAttempts(Exception):
    """Too many failures for this name or address; seconds to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"wait {seconds:.0f} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Client:
    """Where a session is started from: for its owner to recognise it by."""

    agent: str
    address: str


class Accounts:
    def __init__(self, engine: Engine, passwords: Passwords, throttle: Throttle, publisher: Publisher, secret_key: str) -> None:
        self._engine = engine
        self._passwords = passwords
        self._throttle = throttle
        self._publisher = publisher
        self._secret_key = secret_key

    def sign_up(self, name: str, password: str, client: Client) -> SignedIn | None:
        """A new user, signed in; None where the name is taken."""
        user = users.create(self._engine, name, self._passwords.hash(password))
        return self._signed_in(user, client) if user else None

    def sign_in(self, name: str, password: str, client: Client) -> SignedIn:
        """Raises WrongCredentials, TooManyAttempts, UserBanned, Busy."""
        key = names.name_key(name)
        wait = self._throttle.attempt(key, client.address)
        if wait is not None:
            raise TooManyAttempts(wait)
        account = users.account(self._engine, name)
        matches = self._passwords.verify(account.password_hash if account else None, password)
        if account is None or not matches:
            raise WrongCredentials
        self._throttle.succeeded(key, client.address)
        return self._signed_in(account.user, client)

    def end_session(self, session_id: int, user_id: int) -> bool:
        """Ends it on every worker, with its open streams; False where the user has no such session."""
        event_id = sessions.end(self._engine, session_id, user_id)
        if event_id is None:
            return False
        self._publisher.announce(event_id)
        return True

    def _signed_in(self, user: User, client: Client) -> SignedIn:
        token = new_token()
        if sessions.create(self._engine, user.id, hash_token(token, self._secret_key), client.agent, client.address) is None:
            raise UserBanned
        return SignedIn(user, token)
