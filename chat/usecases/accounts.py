"""Signing up, in and out, changing passwords and profiles. Every sign-in creates a new session, so that none can be planted (fixation)."""

from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Engine

from chat.domain import validation
from chat.domain.refusals import NoSuchSession, NoSuchUser, TooManyAttempts, UserBanned, WrongCredentials, WrongCurrentPassword
from chat.domain.shapes.answers import SignedIn, User
from chat.services import sessions, users
from chat.services.passwords import Passwords
from chat.services.rate_limits import SignInLimit
from chat.services.sessions import Identity, NewSession
from chat.services.tokens import hash_token, new_token
from chat.services.users import Account, NewPassword
from chat.usecases.publisher import Publisher


@dataclass(frozen=True, slots=True)
class Client:
    """Where a session is started from, so that its owner recognises it."""

    agent: str
    address: str


class Accounts:
    """`engine` is for transactions, `reads` for single statements."""

    def __init__(
        self, engine: Engine, reads: Engine, passwords: Passwords, throttle: SignInLimit, publisher: Publisher, secret_key: str
    ) -> None:
        self._engine = engine
        self._reads = reads
        self._passwords = passwords
        self._throttle = throttle
        self._publisher = publisher
        self._secret_key = secret_key

    def sign_up(self, name: str, password: str, client: Client) -> SignedIn:
        """A new user, signed in. Raises NameTaken, Busy."""
        hashed = self._passwords.hash(password)
        user = users.create(self._engine, name, hashed)
        return self._start_session(Account(user, hashed), client)

    def sign_in(self, name: str, password: str, client: Client) -> SignedIn:
        """Raises WrongCredentials, TooManyAttempts, UserBanned, Busy."""
        account = users.find_account(self._engine, name)
        if not self._is_password(name, account.password_hash if account else None, password, client) or account is None:
            raise WrongCredentials
        return self._start_session(account, client)

    def change_password(self, identity: Identity, password: str, new_password: str, client: Client) -> None:
        """Ends all other sessions of the user and their open streams, on every worker.

        Raises WrongCurrentPassword, TooManyAttempts, Busy."""
        current = users.password_hash(self._engine, identity.user_id)
        if not self._is_password(identity.name, current, password, client):
            raise WrongCurrentPassword
        change = NewPassword(identity.user_id, identity.session_id, current, self._passwords.hash(new_password))
        ended = users.change_password(self._engine, change)
        if ended is None:
            raise WrongCurrentPassword
        self._publisher.announce_all(ended)

    def _is_password(self, name: str, hashed: str | None, password: str, client: Client) -> bool:
        """Counts attempts by name and by address. Raises TooManyAttempts, Busy."""
        key = validation.name_key(name)
        wait = self._throttle.attempt(key, client.address)
        if wait is not None:
            raise TooManyAttempts(wait)
        matches = self._passwords.verify(hashed, password)
        if matches:
            self._throttle.succeeded(key, client.address)
        return matches

    def end_session(self, session_id: int, user_id: int) -> None:
        """Ends it on every worker, with its open streams. Raises NoSuchSession."""
        if not self._publisher.announce(sessions.end(self._engine, session_id, user_id)):
            raise NoSuchSession

    def sign_out(self, identity: Identity) -> None:
        """Ends the caller's session, unless it has just ended."""
        with suppress(NoSuchSession):
            self.end_session(identity.session_id, identity.user_id)

    def user(self, reference: str) -> User:
        """By id or name. Raises NoSuchUser."""
        user = users.find(self._reads, reference)
        if user is None:
            raise NoSuchUser
        return user

    def set_about(self, user_id: int, about: str) -> None:
        """What the user says about themselves."""
        users.set_about(self._reads, user_id, about)

    def _start_session(self, account: Account, client: Client) -> SignedIn:
        """Raises UserBanned, and WrongCredentials if the password was changed since it was verified."""
        user, token = account.user, new_token()
        new = NewSession(user.id, account.password_hash, hash_token(token, self._secret_key), client.agent, client.address)
        if sessions.create(self._engine, new) is not None:
            return SignedIn(user, token)
        if users.password_hash(self._engine, user.id) != account.password_hash:
            raise WrongCredentials
        raise UserBanned
