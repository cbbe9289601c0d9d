"""Authentication: Flask-Login over the service's own tokens, from a Bearer header or the session cookie. Refuses foreign pages."""

from contextlib import suppress
from typing import cast

from flask import Flask, Request, Response, current_app, g, request
from flask.sessions import SecureCookieSession, SessionInterface
from flask_login import LoginManager, current_user
from sqlalchemy.exc import SQLAlchemyError

from chat.problems import ForeignPage, NotSignedIn, SessionOver
from chat.services import memberships
from chat.services.sessions import Identity
from chat.usecases.accounts import Client
from chat.wiring import Service

COOKIE = "chat_session"
COOKIE_SECONDS = 400 * 24 * 3600  # the longest that browsers keep a cookie; the sessions table says when the session ends
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class TokenLogin(LoginManager):  # type: ignore[misc]
    """Flask-Login without its own session, remember cookie and fingerprint, which a token does not need.

    They would cost a third of a request's time in Flask. flask-login is pinned, and tests/api/test_access.py checks this class."""

    def _load_user(self) -> None:
        self._update_request_context_with_user(_load(request))

    def _update_remember_cookie(self, response: Response) -> Response:
        return response


login = TokenLogin()


class Caller:
    """A signed-in user, with the attributes that Flask-Login expects."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, identity: Identity, token: str) -> None:
        self.identity = identity
        self.token = token

    def get_id(self) -> str:
        return str(self.identity.user_id)


class NoFlaskSession(SessionInterface):
    """Flask's own signed cookie is not used, because every request would pay for reading and writing it."""

    def open_session(self, _app: Flask, _request: Request) -> SecureCookieSession:
        return SecureCookieSession()

    def save_session(self, _app: Flask, _session: object, _response: Response) -> None:
        pass


def init_app(app: Flask) -> None:
    app.session_interface = NoFlaskSession()
    login.init_app(app)


def _load(request: Request) -> Caller | None:
    token = token_of(request)
    if not token:
        return None
    identities = service().identities
    identity = identities.hint(token) if g.get("hinted") else identities.find(token)
    g.session_over = identity is not None and identity.ended
    return Caller(identity, token) if identity is not None and not identity.ended else None


def token_of(request: Request) -> str | None:
    """The Bearer token, or the cookie if there is no Authorization header. A wrong header never falls back to the cookie."""
    header = request.headers.get("Authorization")
    if header is None:
        return request.cookies.get(COOKIE)
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def require(*, hinted: bool) -> None:
    """Raises NotSignedIn, SessionOver. hinted: a recent identity from memory is enough, because a transaction checks the session."""
    g.hinted = hinted
    user = current_user._get_current_object()
    if not user.is_authenticated:
        raise SessionOver if g.get("session_over") else NotSignedIn
    g.caller = user


def visitors_head() -> int | None:
    """The newest committed id when the visitor's session was looked up, on a page that needs none.

    None for a visitor without a session, and while the database is away."""
    with suppress(SQLAlchemyError):
        user = current_user._get_current_object()
        return cast(int, user.identity.head) if user.is_authenticated else None
    return None


def visitor_is_in(room_id: int) -> bool:
    """Whether the signed-in visitor is a member of the room. False while the database is away."""
    with suppress(SQLAlchemyError):
        return memberships.is_in(service().reads, room_id, current_user.identity.user_id)
    return False


def caller() -> Identity:
    """The signed-in caller. Only views that require a session may call this."""
    return cast(Identity, g.caller.identity)


def caller_token() -> str:
    return cast(str, g.caller.token)


def refuse_foreign_pages(method: str) -> None:
    """A browser sends the cookie with requests of any page. A request that changes state must come from our own page or carry a token.

    Raises ForeignPage."""
    if method in SAFE or "Authorization" in request.headers:
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise ForeignPage
    origin = request.headers.get("Origin")
    if origin is not None and origin not in (f"http://{request.host}", f"https://{request.host}"):
        raise ForeignPage


def set_cookie(response: Response, token: str) -> Response:
    response.set_cookie(COOKIE, token, max_age=COOKIE_SECONDS, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def delete_cookie(response: Response) -> Response:
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def client() -> Client:
    return Client(request.headers.get("User-Agent", ""), request.remote_addr or "")


def service() -> Service:
    return cast(Service, current_app.extensions["chat"])
