"""The stylesheet of the operator's pages, joined once in a process: a page loads one file."""

from functools import cache
from pathlib import Path

from flask import Response

from chat.web import stylesheets

FOLDER = Path(__file__).parent / "static" / "styles"


def stylesheet() -> Response:
    return Response(_joined(), mimetype="text/css")


@cache
def _joined() -> str:
    return stylesheets.joined("main.css", {path.name: path.read_text() for path in FOLDER.glob("*.css")})
