"""The page for browsers: its shell, its files and the documents. Nothing is loaded from another origin."""

from functools import cache

from flask import Blueprint, Flask, Response, render_template, request

from chat.api import auth, problem_handlers
from chat.problems import NotFound
from chat.web import assets, static_files
from chat.web.assets import Asset

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

SESSION = "/api/v1/session"
PRELOADED = (SESSION, "/api/v1/rooms?limit=500", "/api/v1/conversations?limit=500")  # the requests of core/rooms.js
API = "/api/"
FIRST_MESSAGES = 20  # more than fits on a phone; the page fetches older ones while the user reads these

blueprint = Blueprint("web", __name__, template_folder="templates")


@blueprint.get("/")
@blueprint.get("/r/<int:room>")
@blueprint.get("/r/<int:room>/<int:message>")
@blueprint.get("/join/<key>")
def page(room: int | None = None, message: int | None = None, **_: object) -> Response:
    """One shell for every address of the page, which its script reads. Somebody signed in gets preloads of what the script will request."""
    head = auth.visitors_head()
    if head is None:
        response = static_files.send(_signed_out_shell(), static_files.REVALIDATE)
    else:
        response = _signed_in(head, room if message is None else None)
    response.vary.add("Cookie")
    return response


def _signed_in(head: int, room: int | None) -> Response:
    """The shell with a cursor. The cursor is older than every preloaded response, so no event falls between them and the stream; that
    covers the rooms of the user. Never cached, because it is the user's own."""
    messages = [f"/api/v1/room/{room}/messages?limit={FIRST_MESSAGES}"] if room and auth.visitor_is_in(room) else []
    return static_files.send(_shell(cursor=head, preloads=[*PRELOADED, *messages]), static_files.NO_STORE)


@cache
def _signed_out_shell() -> Asset:
    """Made once: it holds nothing about anybody."""
    return _shell(cursor=None, preloads=[SESSION])


def _shell(**context: object) -> Asset:
    settings = auth.service().settings
    values = {"heartbeat": settings.heartbeat_seconds, "file_bytes": settings.file_bytes, **context}
    return assets.asset("shell.html", render_template("shell.html", **values).encode())


@blueprint.app_errorhandler(404)
def not_found(_: Exception) -> Response:
    """A browser gets a page, a program the problem."""
    is_browser = request.method == "GET" and not request.path.startswith(API) and _prefers_html()
    response = Response(render_template("not_found.html"), 404) if is_browser else problem_handlers.respond(NotFound())
    response.headers["Cache-Control"] = static_files.NO_STORE
    response.vary.add("Accept")
    return response


def _prefers_html() -> bool:
    """A client that accepts everything alike is a program."""
    return request.accept_mimetypes.best_match(("application/problem+json", "application/json", "text/html")) == "text/html"


@blueprint.app_template_global()
def static(path: str) -> str:
    """The versioned address of one of the page's files."""
    return f"/static/{assets.current().version}/{path}"


@blueprint.after_app_request
def _set_security_headers(response: Response) -> Response:
    """A page may load and run only what the service itself serves. Nothing is sniffed or framed."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.register_blueprint(static_files.blueprint)
