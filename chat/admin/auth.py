"""Who comes in: the sign-in with an API key, the look at each request, and what the browser is told to keep to."""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import parse_qsl

from flask import Blueprint, Response, current_app, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from chat.admin.session import Visits, is_foreign
from chat.domain.refusals import TooManyAttempts, UnknownApiKey
from chat.errors import BadInput
from chat.server.request_body import read_body
from chat.service import Service
from chat.services.api_keys import ApiKey

OPEN = frozenset({"pages.sign_in", "pages.static", "pages.stylesheet"})
KEY_LENGTH = 200  # it is hashed, so it is bounded
FORM_BYTES = 128 * 1024  # an announcement of 16 KB whose every byte is escaped
FIELDS = 20
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; connect-src 'self'; script-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with none at all, browsers would send the forms without their origin
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
    blueprint.before_request(_look)
    blueprint.after_request(_bound)
    blueprint.context_processor(lambda: {"views": VIEWS, "operator": g.get("operator")})


def service() -> Service:
    return cast(Service, current_app.extensions["chat"])


def actor() -> str:
    """What the audit log calls who asks."""
    return cast(ApiKey, g.operator).actor


def problem(title: str, detail: str, status: int) -> Response:
    return make_response(render_template("problem.html", title=title, detail=detail), status)


def form() -> Mapping[str, str]:
    """What the page's form holds; a body that is too large, or never ends, is refused. Raises TooLarge, BadInput."""
    if "form" not in g:
        body = read_body(request.environ, FORM_BYTES).decode(errors="replace")
        try:
            g.form = dict(parse_qsl(body, keep_blank_values=True, max_num_fields=FIELDS))
        except ValueError:
            raise BadInput.of("body", f"holds more than {FIELDS} fields") from None
    return cast(Mapping[str, str], g.form)


def _look() -> Response | None:
    if request.method == "POST" and is_foreign():
        return problem("Not from here", "This form was not sent by the administration page itself.", 403)
    if request.endpoint in OPEN:
        return None
    g.operator = _visits().operator()
    return None if g.operator is not None else _form(401)


def _bound(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response


def _form(status: int, wrong: str = "") -> Response:
    if not _visits().possible:
        return problem("No sign-in", "SECRET_KEY is not set: without it anybody could sign a cookie.", 503)
    return make_response(render_template("sign_in.html", title="Sign in", wrong=wrong), status)


def sign_in() -> BaseResponse:
    given = form().get("key", "").strip()[:KEY_LENGTH]
    try:
        key = service().api_keys.admit(given, request.remote_addr or "")
    except UnknownApiKey:
        return _form(403, "That is no key, or one that has ended.")
    except TooManyAttempts as error:
        return _form(429, f"Too many wrong keys came from your address: try again in {error.seconds:.0f} s.")
    if key.scope != "admin":
        return _form(403, f"That key is of scope {key.scope}: this page takes one of scope admin.")
    visits = _visits()
    return visits.begin(to_overview(), key) if visits.possible else _form(503)


def to_overview() -> Response:
    """Whoever typed the address of the form."""
    return _see(url_for(".overview"))


def sign_out() -> BaseResponse:
    return _visits().end(to_overview())


def _see(address: str) -> Response:
    return cast(Response, redirect(address, 303))


def done(view: str, word: str, **more: Any) -> BaseResponse:
    """Back to a view, which says what was done: a reload does it no second time."""
    return _see(url_for(view, done=word, **more))


def _visits() -> Visits:
    return Visits(service().api_keys, service().settings.secret_key)
