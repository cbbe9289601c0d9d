"""Users and their sessions."""

from flask import Blueprint, Response

from chat.api import auth, query
from chat.api.auth import service
from chat.api.operation import Operation, answer, checked, here
from chat.domain import validation
from chat.domain.shapes.answers import CurrentSession, Session, SignedIn, User
from chat.domain.shapes.requests import Credentials
from chat.problems import BadInput, Banned, NotFound, NotSignedIn, Taken, TooMany
from chat.services import sessions, users

blueprint = Blueprint("accounts", __name__)


@Operation(blueprint, "Sign up", "POST", "/users", {201: SignedIn}, Credentials, problems=(BadInput, Taken), public=True)
def sign_up(body: Credentials) -> Response:
    name = checked("name", validation.user_name, body.name)
    password = checked("password", validation.password, body.password)
    signed_in = service().accounts.sign_up(name, password, auth.client())
    return auth.set_cookie(answer(signed_in, 201, {"Location": here(f"/user/{signed_in.user.id}")}), signed_in.token)


@Operation(
    blueprint, "Sign in", "POST", "/session", {201: SignedIn}, Credentials, problems=(BadInput, NotSignedIn, Banned, TooMany), public=True
)
def sign_in(body: Credentials) -> Response:
    signed_in = service().accounts.sign_in(body.name, body.password, auth.client())
    return auth.set_cookie(answer(signed_in, 201), signed_in.token)


@Operation(blueprint, "Who is signed in", "GET", "/session", {200: CurrentSession})
def get_session() -> Response:
    caller = auth.caller()
    user = users.find(service().reads, str(caller.user_id))
    current = [session for session in _own_sessions() if session.current]
    if user is None or not current:
        raise NotSignedIn
    return answer(CurrentSession(user, current[0]))


@Operation(blueprint, "Sign out; the session's open streams end", "DELETE", "/session", {204: None})
def sign_out() -> Response:
    caller = auth.caller()
    service().accounts.sign_out(caller)
    service().identities.forget(auth.caller_token())
    return auth.delete_cookie(Response(status=204))


@Operation(blueprint, "The caller's own sessions, the newest first", "GET", "/sessions", {200: list[Session]})
def list_sessions() -> Response:
    return answer(_own_sessions())


@Operation(
    blueprint,
    "End one of the caller's own sessions and its open streams",
    "DELETE",
    "/session/{session}",
    {204: None},
    problems=(NotFound,),
)
def end_session(session: str) -> Response:
    caller = auth.caller()
    if not validation.is_id(session):
        raise NotFound
    service().accounts.end_session(validation.id_of(session), caller.user_id)
    response = Response(status=204)
    return auth.delete_cookie(response) if int(session) == caller.session_id else response


@Operation(
    blueprint,
    "Users in id order",
    "GET",
    "/users",
    {200: list[User]},
    parameters=(query.NAME, query.LIMIT, query.AFTER),
    problems=(BadInput,),
)
def list_users() -> Response:
    most = query.limit()
    matching = users.search(service().reads, query.name(), query.bound("after") or 0, most + 1)
    return answer(matching[:most], headers=query.next_page(matching, most))


@Operation(blueprint, "A user", "GET", "/user/{user}", {200: User}, problems=(NotFound,))
def get_user(user: str) -> Response:
    return answer(find_user(user))


def find_user(reference: str) -> User:
    """By id or name. Raises NoSuchUser."""
    return service().accounts.user(reference)


def _own_sessions() -> list[Session]:
    caller = auth.caller()
    return sessions.of_user(service().reads, caller.user_id, caller.session_id)
