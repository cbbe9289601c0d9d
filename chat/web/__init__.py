"""What a person sees in a browser: the page, its files and the documents, nothing loaded from elsewhere."""

from functools import cache

from flask import Blueprint, Flask, Response, render_template, request

from chat.api import auth, problems
from chat.errors import NotFound
from chat.web import assets, serving
from chat.web.assets import Asset

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

SESSION = "/api/v1/session"
AHEAD = (SESSION, "/api/v1/rooms?limit=500", "/api/v1/conversations?limit=500")  # as core/store.js asks
API = "/api/"
FIRST_MESSAGES = 20  # more than fits on a phone; what lies above is fetched while these are looked at

blueprint = Blueprint("web", __name__, template_folder="templates")


@blueprint.get("/")
@blueprint.get("/r/<int:room>")
@blueprint.get("/r/<int:room>/<int:message>")
@blueprint.get("/join/<key>")
def page(room: int | None = None, message: int | None = None, **_: object) -> Response:
    """One shell for every address of the page: its script reads the rest of it. For the signed in it names what that will ask for."""
    head = auth.visitors_head()
    response = _strangers() if head is None else _familiar(head, room if message is None else None)
    response.vary.add("Cookie")
    return response


def _strangers() -> Response:
    return serving.send(_kept_shell(), serving.ASK_AGAIN)


def _familiar(head: int, room: int | None) -> Response:
    """With the cursor, which is older than the answers to all that the browser is told to ask for: nothing falls between them and the
    stream, which tells of rooms that one is in. Never kept, for it is somebody's."""
    messages = [f"/api/v1/room/{room}/messages?limit={FIRST_MESSAGES}"] if room and auth.visitor_is_in(room) else []
    ahead = [*AHEAD, *messages]
    return serving.send(_shell(cursor=head, ahead=ahead), serving.NEVER)


@cache
def _kept_shell() -> Asset:
    """Made once: it holds nothing about anybody."""
    return _shell(cursor=None, ahead=[SESSION])


def _shell(**more: object) -> Asset:
    settings = auth.service().settings
    values = {"heartbeat": settings.heartbeat_seconds, "file_bytes": settings.file_bytes, **more}
    return assets.asset("shell.html", render_template("shell.html", **values).encode())


@blueprint.app_errorhandler(404)
def lost(_: Exception) -> Response:
    """An address that is none: a person gets a page, a program the problem."""
    for_a_person = request.method == "GET" and not request.path.startswith(API) and _reads_pages()
    answer = Response(render_template("lost.html"), 404) if for_a_person else problems.respond(NotFound())
    answer.headers["Cache-Control"] = serving.NEVER
    answer.vary.add("Accept")
    return answer


def _reads_pages() -> bool:
    """Rather than anything else: who takes whatever comes is a program."""
    return request.accept_mimetypes.best_match(("application/problem+json", "application/json", "text/html")) == "text/html"


@blueprint.app_template_global()
def static(path: str) -> str:
    """The address of one of the page's files, good until the next deploy."""
    return f"/static/{assets.current().version}/{path}"


@blueprint.after_app_request
def _guard(response: Response) -> Response:
    """A page may load and run what the service itself serves, and nothing is sniffed or framed."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = POLICY
    return response


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.register_blueprint(serving.blueprint)
