"""Answers with the page's files: compressed for whom takes that, kept for good at a versioned address, asked again at any other."""

import re
from typing import cast

from flask import Blueprint, Response, abort, request

from chat.web import assets
from chat.web.assets import VERSION_DIGITS, Asset

FOR_GOOD = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
NEVER = "no-store"
VERSIONED = re.compile(rf"([0-9a-f]{{{VERSION_DIGITS}}})/(.+)")

blueprint = Blueprint("static", __name__, url_prefix="/static")


@blueprint.get("/<path:path>")
def file(path: str) -> Response:
    """/static/VERSION/app/main.js, or without the version. While a deploy is under way, what is asked for by another version is what
    there is here, and is not kept."""
    versioned = VERSIONED.fullmatch(path)
    version, name = versioned.groups() if versioned else (None, path)
    if name not in assets.current().files:
        abort(404)
    return send(assets.current().files[name], FOR_GOOD if version == assets.current().version else ASK_AGAIN)


def send(asset: Asset, caching: str) -> Response:
    coding = next((each for each in asset.packed if request.accept_encodings[each]), None)
    response = Response(asset.packed[coding] if coding else asset.body, mimetype=asset.mimetype)
    response.headers["Cache-Control"] = caching
    response.vary.add("Accept-Encoding")
    if coding:
        response.content_encoding = coding
    response.set_etag(f"{asset.etag[:32]}-{coding or 'plain'}")
    return cast(Response, response.make_conditional(request))
