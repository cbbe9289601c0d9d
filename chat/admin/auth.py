"""Authentication of the operator's pages: the sign-in with an API key, the check of each request, and the security headers."""

from collections.abc import Mapping
from typing import cast
from urllib.parse import parse_qsl

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from chat.admin import session
from chat.api.auth import service
from chat.domain.refusals import TooManyAttempts, UnknownApiKey
from chat.problems import BadInput
from chat.server.request_body import read_body
from chat.services.api_keys import ApiKey

PUBLIC_ENDPOINTS = frozenset({"pages.sign_in", "pages.static", "pages.stylesheet"})
KEY_LENGTH = 200  # bounded, because it is hashed
FORM_BYTES = 128 * 1024  # fits an announcement of 16 KB whose every byte is percent-encoded
MOST_FIELDS = 20
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; connect-src 'self'; script-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers would send the forms without their origin
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
VIEWS = {
    "pages.overview": "Overview",
    "pages.rooms": "Rooms",
    "pages.users": "Users",
    "pages.streams": "Streams",
    "pages.announcements": "Announce",
    "pages.audit": "Audit log",
    "pages.stop": "Stop",
}


def guard(blueprint: Blueprint) -> None:
    blueprint.before_request(_check_request)
    blueprint.after_request(_add_headers)
    blueprint.context_processor(lambda: {"views": VIEWS, "operator": g.get("operator")})


def actor() -> str:
    """The operator's name in the audit log."""
    return cast(ApiKey, g.operator).actor


def problem(title: str, detail: str, status: int) -> Response:
    return make_response(render_template("problem.html", title=title, detail=detail), status)


def form() -> Mapping[str, str]:
    """The fields of the submitted form. Raises TooLarge if the body is too large or never ends, BadInput if it has too many fields."""
    if "form" not in g:
        body = read_body(request.environ, FORM_BYTES).decode(errors="replace")
        try:
            g.form = dict(parse_qsl(body, keep_blank_values=True, max_num_fields=MOST_FIELDS))
        except ValueError:
            raise BadInput.of("body", f"holds more than {MOST_FIELDS} fields") from None
    return cast(Mapping[str, str], g.form)


def _check_request() -> Response | None:
    if request.method == "POST" and session.is_cross_site():
        return problem("Form from another site", "This form was not sent by the administration page itself.", 403)
    if request.endpoint in PUBLIC_ENDPOINTS:
        return None
    g.operator = session.operator()
    return None if g.operator is not None else _sign_in_form(401)


def _add_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response


def _sign_in_form(status: int, error: str = "") -> Response:
    return make_response(render_template("sign_in.html", title="Sign in", error=error), status)


def sign_in() -> BaseResponse:
    text = form().get("key", "").strip()[:KEY_LENGTH]
    try:
        key = service().api_keys.admit(text, request.remote_addr or "")
    except UnknownApiKey:
        return _sign_in_form(403, "This key is wrong, or it has ended.")
    except TooManyAttempts as error:
        return _sign_in_form(429, f"Too many wrong keys from your address: try again in {error.seconds:.0f} s.")
    if key.scope != "admin":
        return _sign_in_form(403, f"This key has scope {key.scope}: the page needs a key with scope admin.")
    return session.begin(to_overview(), key)


def to_overview() -> Response:
    """Also the answer to a GET of the sign-in's address."""
    return redirect_to(".overview")


def sign_out() -> BaseResponse:
    return session.end(to_overview())


def redirect_to(view: str, outcome: str | None = None) -> Response:
    """Redirects to a view that reports the outcome, so that a reload does not repeat the action."""
    return cast(Response, redirect(url_for(view, done=outcome), 303))
