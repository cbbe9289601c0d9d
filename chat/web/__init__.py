"""What a person sees in a browser: pages, styles and scripts, nothing loaded from elsewhere."""

from pathlib import Path

from flask import Blueprint, Flask, Response, render_template

HERE = Path(__file__).parent
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; connect-src 'self'; script-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

blueprint = Blueprint("web", __name__, template_folder="templates", static_folder="static", static_url_path="/static")


@blueprint.get("/")
def home() -> str:
    return render_template("home.html")


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
